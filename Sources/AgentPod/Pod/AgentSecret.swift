import KargoCore

/// What a controller proves itself with to the agent of one Pod.
///
/// The token is derived from a key that only the controller has and a nonce that stands on the Pod, so nothing has to
/// be stored, and the Pod knows only the token's digest.
public struct AgentSecret: Sendable, Hashable {
    /// What the token is derived with.
    public let nonce: String
    /// The bearer token.
    public let token: String

    /// The SHA-256 of the token in hexadecimal digits.
    public var digest: String { Digest.sha256(token.utf8).hexadecimal }

    /// Derives the secret of a Pod.
    ///
    /// - Parameters:
    ///   - key: The controller's key.
    ///   - namespace: The namespace of the Pod.
    ///   - pod: The name of the Pod.
    ///   - nonce: What stands on the Pod.
    public init(key: [UInt8], namespace: String, pod: String, nonce: String) {
        self.nonce = nonce
        let message = "kargo-agent/v1\n\(namespace)/\(pod)\n\(nonce)"
        token = Token.base64URL(Digest.hmacSHA256(key: key, message: message.utf8))
    }

    /// A new nonce: 16 random bytes in hexadecimal digits.
    public static func makeNonce() -> String { (0..<16).map { _ in UInt8.random(in: .min ... .max) }.hexadecimal }
}
