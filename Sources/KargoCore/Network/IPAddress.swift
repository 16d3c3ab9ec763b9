#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// An IP address as bytes: 4, or 16 of one that is not merely an IPv4 address in disguise.
public struct IPAddress: Sendable, Hashable {
    /// The bytes in network order.
    public let bytes: [UInt8]

    /// Reads an address; nothing if the text is none.
    ///
    /// A scope such as `%eth0` is passed over.
    public init?(_ text: some StringProtocol) {
        var bytes = [UInt8](repeating: 0, count: 16)
        let text = String(text.prefix { $0 != "%" })
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes.prefix(4))
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            let isMapped = bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF])
            self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
        } else {
            return nil
        }
    }

    /// Whether it is in 127.0.0.0/8, or `::1`.
    public var isLoopback: Bool { bytes.count == 4 ? bytes[0] == 127 : bytes == [UInt8](repeating: 0, count: 15) + [1] }

    /// Whether it is in 169.254.0.0/16 or in fe80::/10.
    public var isLinkLocal: Bool {
        bytes.count == 4 ? bytes[0] == 169 && bytes[1] == 254 : bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80
    }

    /// Whether the address begins with the same bits as another.
    ///
    /// - Parameters:
    ///   - length: How many bits.
    ///   - other: The other address.
    /// - Returns: Whether it does; an IPv4 address shares nothing with an IPv6 address.
    public func shares(_ length: Int, bitsWith other: IPAddress) -> Bool {
        guard bytes.count == other.bytes.count, (0...bytes.count * 8).contains(length) else { return false }
        let (whole, rest) = length.quotientAndRemainder(dividingBy: 8)
        if bytes[..<whole] != other.bytes[..<whole] { return false }
        return rest == 0 || (bytes[whole] ^ other.bytes[whole]) >> (8 - UInt8(rest)) == 0
    }
}
