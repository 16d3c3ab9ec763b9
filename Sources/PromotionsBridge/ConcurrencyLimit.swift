import KargoCore
import Synchronization

/// Lets so many tasks do something at a time; the others wait.
final class ConcurrencyLimit: Sendable {
    private let free: Mutex<Int>
    private let waiting = WaitList<Bool>()

    init(_ maximum: Int) {
        free = Mutex(max(1, maximum))
    }

    /// Does something when it is this task's turn.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while it waits, and what the body throws.
    func withPermit<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        while !take() {
            await waiting.wait(for: true) { free.withLock { $0 > 0 } }
            try Task.checkCancellation()
        }
        defer {
            free.withLock { $0 += 1 }
            waiting.wakeAll()
        }
        return try await body()
    }

    private func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }
}
