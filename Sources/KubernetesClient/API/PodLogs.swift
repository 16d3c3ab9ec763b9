public import KargoCore

extension KubernetesAPI {
    /// Reads what a container writes, line by line.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - namespace: Its namespace.
    ///   - container: The container.
    ///   - start: Since when; nil for all that is kept.
    ///   - reading: Whether to wait for what it will write.
    ///   - body: Receives each line, without its end.
    /// - Throws: ``KubernetesError``, with code `badRequest` for a container that has not begun.
    public func logs(
        ofPod pod: String,
        namespace: String,
        container: String,
        since start: KubernetesMicroTime? = nil,
        _ reading: LogReading = .upToNow,
        _ body: ([UInt8]) async throws -> Void
    ) async throws {
        var query = [(name: "container", value: container)]
        switch reading {
        case .upToNow: break
        case .untilItEnds: query.append(("follow", "true"))
        case .previous: query.append(("previous", "true"))
        }
        // Servers cut at whole seconds; what is older within the second is left out here.
        if let start { query += [("sinceTime", start.description), ("timestamps", "true")] }
        let path = APIResource.pods.path(namespace: namespace, name: pod, subresource: "log")
        var framer = LineFramer()
        try await stream(APIRequest(.get, path, query: query, accept: "text/plain, application/json")) { piece in
            for line in try framer.feed(piece) {
                if let text = newText(of: line, since: start) { try await body(text) }
            }
            return true
        }
        if let line = framer.finish(), let text = newText(of: line, since: start) { try await body(text) }
    }
}

/// What a line says that has its time in front, if it is not older than a start; all of the line without a start.
private func newText(of line: [UInt8], since start: KubernetesMicroTime?) -> [UInt8]? {
    guard let start, let end = line.firstIndex(of: UInt8(ascii: " ")),
        let time = try? KubernetesMicroTime(String(decoding: line[..<end], as: UTF8.self))
    else { return line }
    return time >= start ? Array(line[(end + 1)...]) : nil
}

/// How far a log is read.
public enum LogReading: Sendable, Hashable {
    /// What has been written until now.
    case upToNow
    /// All that is written until the container ends.
    case untilItEnds
    /// What the container wrote before it was restarted.
    case previous
}
