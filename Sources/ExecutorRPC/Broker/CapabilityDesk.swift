import KargoCore
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where the steps of one execution ask, and the controller answers.
///
/// Answers are in memory only, until they are taken or the execution is over.
final class CapabilityDesk: Sendable {
    /// The desk of the execution that the current task belongs to.
    @TaskLocal static var current: CapabilityDesk?

    private let ledger = Mutex(CapabilityLedger())
    private let replies = WaitList<String>()
    private let redactor = SecretRedactor()
    private let noteQuestion: @Sendable () -> Void

    /// Makes a desk.
    ///
    /// - Parameter noteQuestion: Called when there is a new question.
    init(noteQuestion: @escaping @Sendable () -> Void) { self.noteQuestion = noteQuestion }

    /// What nobody has answered yet.
    var pending: [CapabilityRequest] { ledger.withLock(\.pending) }

    /// Asks, and waits for the answer.
    ///
    /// - Throws: `MissingCapability` if there will be none; `CancellationError`.
    func ask(_ question: CapabilityQuestion) async throws -> CapabilityReply {
        // An answer that is meant for another execution, or for one before the agent was started anew, fits nowhere.
        let id = UUID().uuidString
        try ledger.withLock { ledger throws(MissingCapability) in
            try ledger.ask(CapabilityRequest(id: id, question: question))
        }
        noteQuestion()
        await replies.wait(for: id) { ledger.withLock { $0.isSettled(id) } }
        let reply = ledger.withLock { ledger in
            let reply = ledger.take(id)
            ledger.withdraw(id)
            return reply
        }
        try Task.checkCancellation()
        guard let reply else { throw MissingCapability(refusal: "the step is over and gets no more answers") }
        for secret in reply.secrets { redactor.add(secret) }
        return reply
    }

    /// Hands out answers; those that nobody waits for are forgotten.
    func answer(_ answers: [CapabilityAnswer]) {
        for answer in answers where ledger.withLock({ $0.answer(answer) }) { replies.wake(answer.id) }
    }

    /// Ends all waiting and forgets everything.
    func close() {
        ledger.withLock { $0.close() }
        replies.wakeAll()
    }

    /// The result without the secrets that were handed out.
    func redact(_ result: StepResult) -> StepResult {
        var result = result
        result.message = redactor.redact(result.message)
        switch result.failure {
        case .retryable(let message): result.failure = .retryable(redactor.redact(message))
        case .terminal(let message): result.failure = .terminal(redactor.redact(message))
        case nil: break
        }
        return result
    }
}
