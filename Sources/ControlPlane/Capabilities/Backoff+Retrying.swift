import KubernetesClient

extension Backoff {
    /// Makes a request, again and again as long as a server can't be reached or is too busy.
    ///
    /// - Parameters:
    ///   - retries: How often it is made again; nil for ever.
    ///   - request: The request.
    /// - Returns: The answer.
    /// - Throws: What the request throws that waiting doesn't help against, and after the last attempt;
    ///   `CancellationError`.
    func retrying<Answer>(atMost retries: Int? = nil, _ request: () async throws -> Answer) async throws -> Answer {
        var failures = 0
        while true {
            do {
                return try await request()
            } catch let error as KubernetesError where error.isOutage && retries.map({ failures < $0 }) ?? true {
                try await pause(afterFailures: failures)
                failures += 1
            }
        }
    }
}

extension KubernetesError {
    /// Whether the server did not get to what was asked.
    var isOutage: Bool { isTransient && code != .conflict }
}
