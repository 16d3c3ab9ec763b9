/// How a request reaches a plugin.
///
/// The rules of a call (``PluginClient``) know nothing of HTTP clients: an implementation sends one request and reports
/// what came back. It does not retry, does not follow redirects and bounds the size of the answer.
public protocol PluginTransport: Sendable {
    /// Posts a JSON document.
    ///
    /// - Parameters:
    ///   - path: The path, such as `/api/v1/step.execute`.
    ///   - body: The document.
    /// - Returns: The answer, whatever its status.
    /// - Throws: ``PluginTransportError`` when there was no answer, and `CancellationError` when the task was
    ///   cancelled.
    func post(path: String, body: [UInt8]) async throws -> PluginReply
}

/// What a plugin answered.
public struct PluginReply: Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// The body.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, body: [UInt8] = []) {
        self.status = status
        self.body = body
    }
}

/// Why there was no answer.
public enum PluginTransportError: Error, Hashable {
    /// Nobody listens at the address.
    case connectionRefused
    /// Anything else, as a sentence: the connection broke, the answer is too large, its bytes make no sense.
    case failed(String)

    /// The plugin ended the connection before it answered, as one does that stops.
    public static let brokenOff = "closed the connection without an answer"
}
