/// The query of a URL as forms write it.
struct FormQuery: Sendable {
    private(set) var parameters: [(name: String, value: String)] = []

    /// Reads a query; a part that is malformed is passed over, as in Go.
    init(_ text: String) {
        for part in text.utf8.split(separator: UInt8(ascii: "&")) where !part.contains(UInt8(ascii: ";")) {
            let pieces = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decode(pieces[0]),
                let value = Self.decode(pieces.count > 1 ? pieces[1] : "".utf8[...])
            else { continue }
            parameters.append((name, value))
        }
    }

    func adding(_ more: [(name: String, value: String)]) -> FormQuery {
        var query = self
        query.parameters += more
        return query
    }

    /// The query in order of names; what has one name stays in its order.
    var encoded: String {
        let ordered = parameters.enumerated()
            .sorted { left, right in
                let (first, second) = (Array(left.element.name.utf8), Array(right.element.name.utf8))
                return first == second ? left.offset < right.offset : first.lexicographicallyPrecedes(second)
            }
        return ordered.map { Self.encode($0.element.name) + "=" + Self.encode($0.element.value) }
            .joined(separator: "&")
    }

    private static func decode(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst()?.hexadecimalDigit, let low = rest.popFirst()?.hexadecimalDigit else {
                    return nil
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func encode(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"):
                bytes.append(byte)
            case UInt8(ascii: " "): bytes.append(UInt8(ascii: "+"))
            default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexadecimalDigit: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
