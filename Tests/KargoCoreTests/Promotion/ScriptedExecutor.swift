import KargoCore
import Synchronization

/// Answers each attempt by a script and remembers what it was asked.
final class ScriptedExecutor: StepExecutor {
    /// What one attempt was asked.
    struct Call: Sendable {
        var step: StepContext
        var attempt: StepAttempt
        var timeout: Duration?
    }

    private let recorded = Mutex<[Call]>([])
    private let answer: @Sendable (Call) throws -> StepResult

    init(_ answer: @escaping @Sendable (Call) throws -> StepResult) {
        self.answer = answer
    }

    var calls: [Call] { recorded.withLock { $0 } }

    var aliases: [String] { calls.map(\.step.alias) }

    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        let call = Call(step: step, attempt: attempt, timeout: timeout)
        recorded.withLock { $0.append(call) }
        return try answer(call)
    }
}
