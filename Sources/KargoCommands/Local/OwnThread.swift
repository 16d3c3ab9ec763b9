// Its queues may be used from any thread, which the module does not say yet.
@preconcurrency import Dispatch

/// Runs what blocks, on a thread that nobody else waits for.
enum OwnThread {
    static func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "blocking call")
                .async {
                    continuation.resume(with: Swift.Result { try body() })
                }
        }
    }
}
