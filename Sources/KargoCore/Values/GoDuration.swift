/// A length of time as Go's `time.Duration` has it: 64 bits of nanoseconds, some 292 years either way.
///
/// Encoded as text such as `1h30m0s`, like `metav1.Duration`.
public struct GoDuration: Sendable, Hashable, EmptyRepresentable {
    /// The length in nanoseconds.
    public var nanoseconds: Int64

    /// Makes a duration of a number of nanoseconds.
    public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// Makes an empty duration.
    public init() { nanoseconds = 0 }

    /// Makes a duration, cut to whole nanoseconds and to what 64 bits hold.
    public init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let exact = Int128(seconds) * 1_000_000_000 + Int128(attoseconds / 1_000_000_000)
        nanoseconds = Int64(clamping: exact)
    }

    /// The same length for Swift's clocks.
    public var duration: Duration { .nanoseconds(nanoseconds) }
}

extension GoDuration: Comparable {
    /// Whether the left duration is the shorter one; negative ones are shorter than none.
    public static func < (left: GoDuration, right: GoDuration) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension GoDuration: CustomStringConvertible {
    /// The text that Go's `Duration.String` gives: `1h30m0s`, `1.5s`, `300ms`, `2µs`, `0s`.
    public var description: String {
        let magnitude = nanoseconds.magnitude
        let sign = nanoseconds < 0 ? "-" : ""
        switch magnitude {
        case 0: return "0s"
        case ..<1_000: return "\(sign)\(magnitude)ns"
        case ..<1_000_000: return sign + Self.decimal(magnitude, fractionDigits: 3) + "\u{B5}s"
        case ..<1_000_000_000: return sign + Self.decimal(magnitude, fractionDigits: 6) + "ms"
        default:
            let minutes = magnitude / 60_000_000_000
            var text = sign
            if minutes >= 60 { text += "\(minutes / 60)h" }
            if minutes > 0 { text += "\(minutes % 60)m" }
            return text + Self.decimal(magnitude % 60_000_000_000, fractionDigits: 9) + "s"
        }
    }

    /// The number with its last digits behind a point and without zeros at the end.
    private static func decimal(_ number: UInt64, fractionDigits: Int) -> String {
        var digits = Array(String(number).utf8)
        let padding = fractionDigits + 1 - digits.count
        if padding > 0 { digits.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: padding), at: 0) }
        var fraction = digits.suffix(fractionDigits)
        while fraction.last == UInt8(ascii: "0") { fraction.removeLast() }
        let whole = String(decoding: digits.dropLast(fractionDigits), as: UTF8.self)
        return fraction.isEmpty ? whole : whole + "." + String(decoding: fraction, as: UTF8.self)
    }
}

extension GoDuration: Codable {
    /// Decodes the text of a duration.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        do {
            try self.init(text)
        } catch {
            throw DecodingError(error, at: decoder)
        }
    }

    /// Encodes the duration as its ``description``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
