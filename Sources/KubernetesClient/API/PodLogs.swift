extension KubernetesAPI {
    /// Reads what a container writes, line by line.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - namespace: Its namespace.
    ///   - container: The container.
    ///   - reading: Whether to wait for what it will write.
    ///   - body: Receives each line, without its end.
    /// - Throws: ``KubernetesError``, with code `badRequest` for a container that has not begun.
    public func logs(
        ofPod pod: String,
        namespace: String,
        container: String,
        _ reading: LogReading = .upToNow,
        _ body: ([UInt8]) async throws -> Void
    ) async throws {
        var query = [(name: "container", value: container)]
        if reading == .untilItEnds { query.append(("follow", "true")) }
        let path = APIResource.pods.path(namespace: namespace, name: pod, subresource: "log")
        var framer = LineFramer()
        try await stream(APIRequest(.get, path, query: query, accept: "text/plain, application/json")) { piece in
            for line in try framer.feed(piece) { try await body(line) }
            return true
        }
        if let line = framer.finish() { try await body(line) }
    }
}

/// How far a log is read.
public enum LogReading: Sendable, Hashable {
    /// What has been written until now.
    case upToNow
    /// All that is written until the container ends.
    case untilItEnds
}
