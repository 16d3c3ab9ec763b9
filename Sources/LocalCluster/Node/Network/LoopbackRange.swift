/// A range of loopback addresses.
public struct LoopbackRange: Sendable, Hashable {
    /// The addresses that Pods get by default: 127.64.0.0/10, far from the ones that people use.
    public static let pods = LoopbackRange(first: 0x7F40_0000, bits: 22)

    private let first: UInt32
    /// How many bits tell the addresses of the range apart.
    private let bits: Int

    private init(first: UInt32, bits: Int) {
        self.first = first
        self.bits = bits
    }

    /// Reads a range such as `127.64.0.0/10`; nil where it is none, not in 127.0.0.0/8, or smaller than 16 addresses.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]), (8...28).contains(length) else { return nil }
        let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
        guard octets.count == 4, octets[0] == 127 else { return nil }
        bits = 32 - length
        first = octets.reduce(0) { $0 << 8 | UInt32($1) } & ~(UInt32(1) << UInt32(bits) - 1)
    }

    /// Some address of the range, always the same for the same text; another one for each attempt.
    ///
    /// - Parameters:
    ///   - text: What the address is chosen by.
    ///   - attempt: How many addresses were no good.
    /// - Returns: The address in dotted decimal; never the first or the last of 256.
    func address(for text: String, attempt: Int) -> String {
        // FNV-1a: the same on every run, and good enough to spread.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(text) \(attempt)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let mask = UInt32(1) << UInt32(bits) - 1
        var number = UInt32(truncatingIfNeeded: hash ^ hash >> 32) & mask
        if number & 0xFF == 0 { number += 1 }
        if number & 0xFF == min(0xFF, mask) { number -= 1 }
        let address = first | number
        return [24, 16, 8, 0].map { String(address >> UInt32($0) & 0xFF) }.joined(separator: ".")
    }
}
