import NIOPosix
import Synchronization

/// Tells work on another thread that nobody wants its result any more.
final class Cancellation: Sendable {
    /// More than the few of the process, where the names of hosts are looked up: a large copy must not hold those up.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 16)
        threads.start()
        return threads
    }()

    private let isCancelled = Atomic(false)

    /// When the work has to end even if nobody cancels it.
    private let deadline: ContinuousClock.Instant?

    /// - Parameter limit: How long the work may take; as long as it likes if nil.
    init(within limit: Duration? = nil) { deadline = limit.map { .now + $0 } }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// - Throws: `CancellationError` once ``cancel()`` was called or the time is up.
    func check() throws(CancellationError) {
        if isCancelled.load(ordering: .relaxed) { throw CancellationError() }
        if let deadline, deadline < .now { throw CancellationError() }
    }

    /// Does work that blocks its thread, on a thread that may be blocked.
    ///
    /// - Parameter work: The work, which is to call ``check()`` often.
    /// - Returns: What the work returns.
    /// - Throws: What the work throws; `CancellationError` if the task was cancelled before it began.
    static func blocking<Result: Sendable>(
        _ work: @escaping @Sendable (Cancellation) throws -> Result
    ) async throws -> Result {
        let cancellation = Cancellation()
        return try await withTaskCancellationHandler {
            try await threads.runIfActive {
                try cancellation.check()
                return try work(cancellation)
            }
        } onCancel: {
            cancellation.cancel()
        }
    }
}
