import KargoCore

/// The name that content has in a registry: `sha256:` and 64 hexadecimal digits.
struct OCIDigest: Sendable, Hashable, CustomStringConvertible {
    private static let prefix = "sha256:"

    let description: String

    /// Nothing if the text is no digest, or one of another algorithm.
    init?(_ text: some StringProtocol) {
        let digits = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard text.hasPrefix(Self.prefix), digits.count == 64, digits.allSatisfy(\.isLowerHexadecimalDigit) else {
            return nil
        }
        description = String(text)
    }

    /// The digest of some content.
    init(of content: [UInt8]) { self.init(bytes: Digest.sha256(content)) }

    /// The digest of what went through a stream.
    init(of stream: SHA256Stream) { self.init(bytes: stream.digest) }

    private init(bytes: [UInt8]) { description = Self.prefix + bytes.hexadecimal }
}

extension UInt8 {
    fileprivate var isLowerHexadecimalDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self)
    }
}
