extension GoNumber {
    /// Reads a number as `strconv.ParseFloat(text, 64)` does.
    ///
    /// That is more than a decimal number: hexadecimal with a binary exponent, underscores between digits, and infinity
    /// and not-a-number in any case. Blanks are not allowed, and a number too large is none.
    static func parse(_ text: String) -> Double? {
        let bytes = Array(text.utf8)
        guard let first = bytes.first else { return nil }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "_"):
            break
        default:
            return nil
        }
        if let special = special(text) { return special }
        guard isFloat(bytes), placesUnderscoresWell(bytes) else { return nil }
        let plain = bytes.contains(underscore) ? bytes.filter { $0 != underscore } : bytes
        guard let value = Double(String(decoding: plain, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// Reads a Boolean as `strconv.ParseBool` does.
    public static func parseBool(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }

    private static let underscore = UInt8(ascii: "_")

    private static func special(_ text: String) -> Double? {
        guard (3...9).contains(text.utf8.count), text.utf8.last.map(isDigit) == false else { return nil }
        switch text.lowercased() {
        case "inf", "+inf", "infinity", "+infinity": return .infinity
        case "-inf", "-infinity": return -.infinity
        case "nan": return .nan
        default: return nil
        }
    }

    /// Whether the text is a number but for the places of its underscores.
    private static func isFloat(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        if let sign = rest.first, isSign(sign) { rest.removeFirst() }
        let isHex = rest.count > 2 && (rest.starts(with: "0x".utf8) || rest.starts(with: "0X".utf8))
        if isHex { rest.removeFirst(2) }
        var hasDigit = false
        var hasPoint = false
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else if isHex ? isHexDigit(byte) : isDigit(byte) {
                hasDigit = true
            } else if byte != underscore {
                break
            }
            rest.removeFirst()
        }
        guard hasDigit else { return false }
        guard let exponent = rest.first else { return !isHex }
        guard exponent | 0x20 == (isHex ? UInt8(ascii: "p") : UInt8(ascii: "e")) else { return false }
        rest.removeFirst()
        if let sign = rest.first, isSign(sign) { rest.removeFirst() }
        guard let digit = rest.first, isDigit(digit) else { return false }
        return rest.allSatisfy { isDigit($0) || $0 == underscore }
    }

    /// Whether each underscore stands between two digits, or between the base prefix and a digit.
    private static func placesUnderscoresWell(_ bytes: [UInt8]) -> Bool {
        guard bytes.contains(underscore) else { return true }
        var rest = bytes[...]
        if let sign = rest.first, isSign(sign) { rest.removeFirst() }
        var isHex = false
        var followsDigit = false
        if rest.count >= 2, rest.first == UInt8(ascii: "0"), let base = rest.dropFirst().first.map({ $0 | 0x20 }),
            "box".utf8.contains(base)
        {
            isHex = base == UInt8(ascii: "x")
            followsDigit = true
            rest.removeFirst(2)
        }
        var followsUnderscore = false
        for byte in rest {
            if isDigit(byte) || (isHex && isHexDigit(byte)) {
                followsDigit = true
                followsUnderscore = false
            } else if byte == underscore {
                guard followsDigit else { return false }
                followsDigit = false
                followsUnderscore = true
            } else {
                guard !followsUnderscore else { return false }
                followsDigit = false
            }
        }
        return !followsUnderscore
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
