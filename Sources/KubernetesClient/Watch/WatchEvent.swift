public import KargoCore

/// What a watch reports.
public enum WatchEvent: Sendable {
    /// An object is there, new or as it was when the watch began.
    case added(JSONValue)
    /// An object has changed.
    case modified(JSONValue)
    /// An object is gone; this is how it was last.
    case deleted(JSONValue)
    /// Nothing has happened up to this version.
    case bookmark(resourceVersion: String)

    /// Reads a line of a watch.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - outline: What is read of the object.
    /// - Throws: ``KubernetesError``: what the server reports as an error, with code `expired` when the watch has to
    ///   begin anew; code `badResponse` for a line that is no event.
    init(line: [UInt8], keeping outline: FieldOutline = .everything) throws {
        let value: JSONValue
        do {
            var event = FieldOutline([["type"]])
            event["object"] = outline
            value = try JSONValue(parsing: line, keeping: event)
        } catch {
            throw KubernetesError(.badResponse, "a watch sent a line that is not JSON: \(error)")
        }
        guard let object = value["object"] else {
            throw KubernetesError(.badResponse, "a watch sent an event without an object")
        }
        switch value["type"]?.stringValue {
        case "ADDED": self = .added(object)
        case "MODIFIED": self = .modified(object)
        case "DELETED": self = .deleted(object)
        case "BOOKMARK":
            self = .bookmark(resourceVersion: object[path: "metadata", "resourceVersion"]?.stringValue ?? "")
        case "ERROR":
            let status = object["code"]?.intValue.map(Int.init) ?? 500
            throw KubernetesError(httpStatus: status, status: object, request: APIRequest(.get, "a watch"))
        case let type: throw KubernetesError(.badResponse, "a watch sent an event of type \(type ?? "none")")
        }
    }
}

extension KubernetesAPI {
    /// Watches objects from a version on, until the server ends the watch, which it does from time to time.
    ///
    /// - Parameters:
    ///   - resource: The kind.
    ///   - namespace: The namespace; nil for all.
    ///   - options: Which objects.
    ///   - resourceVersion: Where to begin: the version of a list, or of the last event.
    ///   - timeout: After how long the server should end the watch, in whole seconds.
    ///   - accept: The media types that the events may have; see ``APITable/mediaType``.
    ///   - body: Receives each event.
    /// - Throws: ``KubernetesError``, with code `expired` when the version is no longer kept.
    public func watch(
        _ resource: APIResource,
        namespace: String? = nil,
        options: ListOptions = ListOptions(),
        from resourceVersion: String,
        timeout: Duration = .seconds(300),
        accept: String = "application/json",
        _ body: (WatchEvent) async throws -> Void
    ) async throws {
        try await watchLines(
            resource,
            namespace: namespace,
            options: options,
            from: resourceVersion,
            timeout: timeout,
            accept: accept
        ) { try await body(WatchEvent(line: $0)) }
    }

    /// Watches objects whose events the body reads itself.
    func watchLines(
        _ resource: APIResource,
        namespace: String?,
        options: ListOptions,
        from resourceVersion: String,
        timeout: Duration = .seconds(300),
        accept: String = "application/json",
        _ body: ([UInt8]) async throws -> Void
    ) async throws {
        let query =
            options.query + [
                ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion),
                ("timeoutSeconds", String(timeout.components.seconds)),
            ]
        var framer = LineFramer()
        let request = APIRequest(.get, resource.path(namespace: namespace), query: query, accept: accept)
        try await stream(request) { piece in
            for line in try framer.feed(piece) where !line.isEmpty {
                try await body(line)
            }
            return true
        }
    }
}
