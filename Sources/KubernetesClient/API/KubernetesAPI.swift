public import KargoCore

/// A Kubernetes API server.
///
/// The requirements carry bytes; the verbs of the API are methods of every conformer, in an extension.
public protocol KubernetesAPI: Sendable {
    /// Sends a request and waits for the whole answer.
    ///
    /// - Parameter request: The request.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``KubernetesError`` with code `unreachable` when there was no answer.
    func send(_ request: APIRequest) async throws -> APIResponse

    /// Sends a request whose answer goes on and on.
    ///
    /// The answer is valid only inside the body; leaving the body ends it.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - body: Receives each piece as it comes, until it returns false.
    /// - Throws: ``KubernetesError`` for an answer that is not a success, and when the connection breaks.
    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws
}

/// The answer to a request.
public struct APIResponse: Sendable {
    /// The HTTP status.
    public var status: Int
    /// The body.
    public var body: [UInt8]
    /// What the server warned of, a sentence each.
    public var warnings: [String]
    /// How long the server asks to be left alone; nil if it doesn't.
    public var retryAfter: Duration?

    /// Makes an answer.
    public init(status: Int, body: [UInt8], warnings: [String] = [], retryAfter: Duration? = nil) {
        self.status = status
        self.body = body
        self.warnings = warnings
        self.retryAfter = retryAfter
    }
}

/// Objects of one kind, as they were at one moment.
public struct ObjectList: Sendable {
    /// The objects.
    public var items: [JSONValue]
    /// The moment, for a watch to go on from.
    public var resourceVersion: String
}

/// How an object is changed.
public enum ObjectPatch: Sendable {
    /// By a JSON merge patch (RFC 7386).
    case merge(JSONValue)
    /// By a JSON patch (RFC 6902).
    case json([JSONValue])
    /// By server-side apply: the object gets what the value says, and loses what the manager said before and says no
    /// more. The value needs `apiVersion` and `kind`; an object that is not there is created.
    ///
    /// What another manager has said otherwise is a conflict, unless `force` takes it away from that one.
    case apply(JSONValue, manager: String, force: Bool = false)

    var contentType: String {
        switch self {
        case .merge: "application/merge-patch+json"
        case .json: "application/json-patch+json"
        // JSON is YAML.
        case .apply: "application/apply-patch+yaml"
        }
    }

    var query: [(name: String, value: String)] {
        guard case .apply(_, let manager, let force) = self else { return [] }
        var query = [(name: "fieldManager", value: manager)]
        if force { query.append(("force", "true")) }
        return query
    }

    var value: JSONValue {
        switch self {
        case .merge(let value), .apply(let value, _, _): value
        case .json(let operations): .array(operations)
        }
    }
}

extension KubernetesAPI {
    /// Reads an object.
    public func get(
        _ resource: APIResource,
        namespace: String? = nil,
        name: String
    ) async throws -> JSONValue {
        try await object(APIRequest(.get, resource.path(namespace: namespace, name: name)))
    }

    /// Reads the objects of a kind, of one namespace or of all.
    ///
    /// They come in pages, all as they were when the first one came. Where that takes longer than the server keeps
    /// versions, they are read again at once.
    public func list(
        _ resource: APIResource,
        namespace: String? = nil,
        options: ListOptions = ListOptions()
    ) async throws -> ObjectList {
        var items: [JSONValue] = []
        var token = ""
        var limit: Int? = 500
        while true {
            var query = options.query
            if let limit { query.append(("limit", "\(limit)")) }
            if !token.isEmpty { query.append(("continue", token)) }
            let page: JSONValue
            do {
                page = try await object(APIRequest(.get, resource.path(namespace: namespace), query: query))
            } catch let error as KubernetesError where error.code == .expired && !token.isEmpty {
                (items, token, limit) = ([], "", nil)
                continue
            }
            items += page["items"]?.arrayValue ?? []
            token = page[path: "metadata", "continue"]?.stringValue ?? ""
            if token.isEmpty {
                let version = page[path: "metadata", "resourceVersion"]?.stringValue ?? ""
                return ObjectList(items: items, resourceVersion: version)
            }
        }
    }

    /// Creates an object and returns it as the server has it.
    public func create(
        _ resource: APIResource,
        namespace: String? = nil,
        _ object: JSONValue
    ) async throws -> JSONValue {
        try await self.object(
            APIRequest(.post, resource.path(namespace: namespace), body: object.serialized())
        )
    }

    /// Replaces an object and returns it as the server has it.
    public func replace(
        _ resource: APIResource,
        namespace: String? = nil,
        name: String,
        _ object: JSONValue
    ) async throws -> JSONValue {
        try await self.object(
            APIRequest(.put, resource.path(namespace: namespace, name: name), body: object.serialized())
        )
    }

    /// Changes an object, or a part of it such as its `status`, and returns it, or what the outline names of it, as the
    /// server has it.
    public func patch(
        _ resource: APIResource,
        namespace: String? = nil,
        name: String,
        subresource: String? = nil,
        _ patch: ObjectPatch,
        keeping outline: FieldOutline = .everything
    ) async throws -> JSONValue {
        try await object(
            APIRequest(
                .patch,
                resource.path(namespace: namespace, name: name, subresource: subresource),
                query: patch.query,
                contentType: patch.contentType,
                body: patch.value.serialized()
            ),
            keeping: outline
        )
    }

    /// Deletes an object; see `DeleteOptions` for what may be asked for.
    @discardableResult
    public func delete(
        _ resource: APIResource,
        namespace: String? = nil,
        name: String,
        options: DeleteOptions = DeleteOptions()
    ) async throws -> JSONValue {
        let body = try JSONValueEncoder().encode(options)
        return try await object(
            APIRequest(.delete, resource.path(namespace: namespace, name: name), body: body.serialized())
        )
    }

    /// Sends a request and reads the object of the answer.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - outline: What is read of the object.
    ///   - onWarning: Hears what the server warned of, a sentence each.
    /// - Returns: The object.
    /// - Throws: ``KubernetesError`` for an answer that is not a success.
    public func object(
        _ request: APIRequest,
        keeping outline: FieldOutline = .everything,
        onWarning: (String) -> Void = { _ in }
    ) async throws -> JSONValue {
        let response = try await send(request)
        let isSuccess = (200..<300).contains(response.status)
        for warning in response.warnings { onWarning(warning) }
        let value: JSONValue?
        do {
            value = try JSONValue(parsing: response.body, keeping: isSuccess ? outline : .everything)
        } catch {
            guard !isSuccess else {
                throw KubernetesError(
                    .badResponse,
                    "\(request.method.rawValue) \(request.path) was not answered with JSON: \(error)"
                )
            }
            value = nil
        }
        guard isSuccess, let value else {
            throw KubernetesError(
                httpStatus: response.status,
                status: value,
                request: request,
                retryAfter: response.retryAfter
            )
        }
        return value
    }
}
