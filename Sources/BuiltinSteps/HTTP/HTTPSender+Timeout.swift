import KargoCore

extension HTTPSender {
    /// Does work in a given time; none is for ever, as in Go.
    ///
    /// - Throws: ``Failure`` when the time is up; what the work throws.
    static func within<Result: Sendable>(
        _ timeout: Duration,
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        guard timeout > .zero else { return try await work() }
        return try await withThrowingTaskGroup(of: Result.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await ContinuousClock().sleep(for: timeout)
                throw Failure(description: "there was no answer within \(GoDuration(timeout))")
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() else { throw CancellationError() }
            return result
        }
    }
}
