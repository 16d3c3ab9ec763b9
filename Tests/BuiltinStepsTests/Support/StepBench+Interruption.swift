import KargoCore
import Synchronization

extension StepBench {
    private final class Flag: Sendable {
        let isSet = Atomic(false)
    }

    /// Runs a step and cancels it when it has done half of its work; again, where it was done before anybody looked.
    ///
    /// - Parameters:
    ///   - kind: The kind of the step.
    ///   - config: Its configuration.
    ///   - prepare: Makes the work directory what it has to be before each attempt.
    ///   - isHalfDone: Whether half of the work is done.
    /// - Throws: What breaks, other than the cancellation.
    func interrupt(
        _ kind: String,
        _ config: JSONValue,
        prepare: () throws -> Void = {},
        when isHalfDone: () throws -> Bool
    ) async throws {
        while true {
            try prepare()
            let end = Flag()
            let task = Task {
                defer { end.isSet.store(true, ordering: .relaxed) }
                return try await run(kind, config)
            }
            while try !isHalfDone(), !end.isSet.load(ordering: .relaxed) { await Task.yield() }
            task.cancel()
            do {
                _ = try await task.value
            } catch is CancellationError {
                return
            }
        }
    }
}
