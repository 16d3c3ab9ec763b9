#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Secrets that a program shows to prove who it is.
public enum Token {
    /// Bytes of randomness in a new token.
    public static let randomByteCount = 32

    /// A new token: 32 random bytes in base64url without padding, 43 characters.
    ///
    /// - Parameter generator: Where the randomness comes from; the default is the system's cryptographic generator.
    /// - Returns: The token.
    public static func random(using generator: inout some RandomNumberGenerator) -> String {
        base64URL((0..<randomByteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// A new token of the system's cryptographic generator; see ``random(using:)``.
    public static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// The bytes in base64url without padding (RFC 4648, section 5).
    public static func base64URL(_ bytes: [UInt8]) -> String {
        let text = Data(bytes).base64EncodedString().utf8
            .compactMap { byte -> UInt8? in
                switch byte {
                case UInt8(ascii: "+"): UInt8(ascii: "-")
                case UInt8(ascii: "/"): UInt8(ascii: "_")
                case UInt8(ascii: "="): nil
                default: byte
                }
            }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes that base64url without padding stands for; nil where it is something else.
    public static func bytes(base64URL text: some StringProtocol) -> [UInt8]? {
        guard !text.utf8.contains(where: "+/=".utf8.contains) else { return nil }
        var standard = text.utf8
            .map { byte -> UInt8 in
                switch byte {
                case UInt8(ascii: "-"): UInt8(ascii: "+")
                case UInt8(ascii: "_"): UInt8(ascii: "/")
                default: byte
                }
            }
        standard += repeatElement(UInt8(ascii: "="), count: (4 - standard.count % 4) % 4)
        return Data(base64Encoded: Data(standard)).map(Array.init)
    }
}
