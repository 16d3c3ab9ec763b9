extension Clock<Duration> {
    /// Does work, but not for longer than a limit.
    ///
    /// - Parameters:
    ///   - limit: How long it may take; then it is cancelled.
    ///   - work: What is done.
    /// - Returns: What comes of it; nil when the time was up first.
    /// - Throws: What the work throws, and `CancellationError` when the task is cancelled.
    public func within<Result: Sendable>(
        _ limit: Duration,
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
