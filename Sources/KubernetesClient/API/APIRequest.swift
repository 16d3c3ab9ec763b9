import KargoCore

/// A request to a Kubernetes API server.
public struct APIRequest: Sendable {
    /// The method.
    public enum Method: String, Sendable {
        /// Reads.
        case get = "GET"
        /// Creates.
        case post = "POST"
        /// Replaces.
        case put = "PUT"
        /// Changes.
        case patch = "PATCH"
        /// Deletes.
        case delete = "DELETE"
    }

    /// The method.
    public var method: Method
    /// The path, percent-encoded.
    public var path: String
    /// The query, not encoded.
    public var query: [(name: String, value: String)]
    /// The media type of the body.
    public var contentType: String
    /// The media types that the answer may have.
    public var accept: String
    /// The body.
    public var body: [UInt8]?

    /// Makes a request.
    public init(
        _ method: Method,
        _ path: String,
        query: [(name: String, value: String)] = [],
        contentType: String = "application/json",
        accept: String = "application/json",
        body: [UInt8]? = nil
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.contentType = contentType
        self.accept = accept
        self.body = body
    }

    /// The path with the query behind it.
    public var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.joined(separator: "&")
    }
}

/// Which objects a list or a watch is about.
public struct ListOptions: Sendable, Hashable {
    /// A label selector, such as `a=b,c!=d`; empty for all.
    public var labelSelector: String
    /// A field selector, such as `metadata.name=x`; empty for all.
    public var fieldSelector: String

    /// Makes options.
    public init(labelSelector: String = "", fieldSelector: String = "") {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }

    var query: [(name: String, value: String)] {
        var query: [(name: String, value: String)] = []
        if !labelSelector.isEmpty { query.append(("labelSelector", labelSelector)) }
        if !fieldSelector.isEmpty { query.append(("fieldSelector", fieldSelector)) }
        return query
    }
}
