/// Strings in double quotes as Go's `%q` writes them.
enum GoQuote {
    static func quote(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count + 2)
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            if let escape = escape(of: scalar) {
                bytes += escape.utf8
            } else {
                bytes += scalar.utf8
            }
        }
        bytes.append(UInt8(ascii: "\""))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escape(of scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\u{07}": return "\\a"
        case "\u{08}": return "\\b"
        case "\u{0C}": return "\\f"
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\t": return "\\t"
        case "\u{0B}": return "\\v"
        case let scalar where isPrintable(scalar): return nil
        default:
            let (prefix, width) =
                switch scalar.value {
                case ..<0x80: ("\\x", 2)
                case ..<0x10000: ("\\u", 4)
                default: ("\\U", 8)
                }
            let digits = String(scalar.value, radix: 16)
            return prefix + String(repeating: "0", count: width - digits.count) + digits
        }
    }

    /// `strconv.IsPrint`: letters, marks, numbers, punctuation, symbols, and of all blanks only the space.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        guard !scalar.isASCII else { return (0x20..<0x7F).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            return false
        default:
            return true
        }
    }
}
