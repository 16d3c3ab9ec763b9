package import KargoCore

/// Why an API server did not do what it was asked, or could not be asked.
public struct KubernetesError: Error, CustomStringConvertible {
    /// What kind of refusal it is; the cases are the API's own reasons.
    public enum Code: Sendable, Hashable {
        /// There is no such object.
        case notFound
        /// There is such an object already.
        case alreadyExists
        /// The object has changed since it was read.
        case conflict
        /// The object is not valid.
        case invalid
        /// The request makes no sense.
        case badRequest
        /// The caller is not known.
        case unauthorized
        /// The caller may not do that.
        case forbidden
        /// The version asked for is no longer kept.
        case expired
        /// Too many requests.
        case tooManyRequests
        /// The server can't do it now.
        case serverError
        /// Another status.
        case other(Int)
        /// There was no answer.
        case unreachable
        /// The answer makes no sense.
        case badResponse
        /// The client's own configuration is wrong.
        case configuration
    }

    /// What kind of refusal it is.
    public var code: Code
    /// What the server said, or what went wrong on the way to it.
    public var message: String
    /// How long the server asks to be left alone; nil if it doesn't.
    public var retryAfter: Duration?

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Makes an error of an answer.
    ///
    /// - Parameters:
    ///   - httpStatus: The status.
    ///   - status: The `Status` object that came with it, if one did.
    ///   - request: What was asked, for an answer that does not say.
    ///   - retryAfter: How long the server asks to be left alone.
    package init(httpStatus: Int, status: JSONValue?, request: APIRequest, retryAfter: Duration? = nil) {
        let reason = status?["reason"]?.stringValue
        let causes = status?[path: "details", "causes"]?.arrayValue ?? []
        self.retryAfter = retryAfter
        code =
            switch (httpStatus, reason) {
            case (404, _): .notFound
            case (409, "AlreadyExists"): .alreadyExists
            case (409, _): .conflict
            case (422, _): .invalid
            case (400, _): .badRequest
            case (401, _): .unauthorized
            case (403, _): .forbidden
            case (410, _): .expired
            // Of a server that has lost what it knew, or another one: the version has to be asked for anew as well.
            case (504, _) where causes.contains { $0["reason"] == "ResourceVersionTooLarge" }: .expired
            case (429, _): .tooManyRequests
            case (500..., _): .serverError
            default: .other(httpStatus)
            }
        let text = status?["message"]?.stringValue ?? ""
        message = text.isEmpty ? "\(request.method.rawValue) \(request.path) was answered with \(httpStatus)" : text
    }

    /// Whether the same request may succeed later without any change.
    public var isTransient: Bool {
        switch code {
        case .conflict, .tooManyRequests, .serverError, .unreachable: true
        default: false
        }
    }

    /// What the server said.
    public var description: String { message }
}
