/// What a scalar means, by the rules of the YAML library that Kubernetes' tools use (go-yaml 2, which is YAML 1.1
/// with exceptions: no base-60 numbers, no sexagesimal times).
enum YAMLScalar {
    static let coreTagPrefix = "tag:yaml.org,2002:"

    /// What a plain scalar without a tag stands for.
    enum Meaning: Equatable {
        case null
        case bool(Bool)
        case int(Int64)
        /// Beyond `Int64`.
        case unsigned(UInt64)
        case double(Double)
        /// `<<`, which merges its value into the mapping around it.
        case merge
        /// A date; kept as the string that it is, but written with quotes.
        case timestamp
        case string
    }

    static func meaning(of text: String) -> Meaning {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return .bool(true)
        case "n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return .bool(false)
        case ".nan", ".NaN", ".NAN": return .double(.nan)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .double(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .double(-.infinity)
        case "<<": return .merge
        default: break
        }
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "."): return GoNumber.parse(text).map(Meaning.double) ?? .string
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): return number(text)
        default: return .string
        }
    }

    private static func number(_ text: String) -> Meaning {
        if isTimestamp(text) { return .timestamp }
        let underscore = UInt8(ascii: "_")
        let plain =
            text.utf8.contains(underscore)
            ? String(decoding: text.utf8.filter { $0 != underscore }, as: UTF8.self) : text
        if let integer = integer(plain) { return integer }
        return isFloat(plain) ? GoNumber.parse(plain).map(Meaning.double) ?? .string : .string
    }

    /// A floating point number as go-yaml writes it: Go's `strconv.FormatFloat(number, 'g', -1, 64)`, `.inf`, `-.inf`
    /// or `.nan`.
    static func text(of number: Double) -> String {
        guard number.isFinite else { return number.isNaN ? ".nan" : number < 0 ? "-.inf" : ".inf" }
        return GoNumber.general(number)
    }

    /// Go's `strconv.ParseInt(text, 0, 64)`: decimal, `0x`, `0o`, `0b`, and octal after a mere `0`.
    ///
    /// As in go-yaml, the sign may also stand behind `0b` and `0o`.
    private static func integer(_ text: String) -> Meaning? {
        var digits = Substring(text)
        var sign = takeSign(&digits)
        var radix = 10
        if digits.utf8.first == UInt8(ascii: "0"), digits.utf8.count > 1 {
            let prefix = digits.utf8.dropFirst().first.map { Unicode.Scalar($0) }
            switch prefix {
            case "x", "X": (radix, digits) = (16, digits.dropFirst(2))
            case "o", "O": (radix, digits) = (8, digits.dropFirst(2))
            case "b", "B": (radix, digits) = (2, digits.dropFirst(2))
            default: (radix, digits) = (8, digits.dropFirst())
            }
            if sign == nil, prefix == "b" || prefix == "o" { sign = takeSign(&digits) }
        }
        // The initializer would take one more sign.
        guard takeSign(&digits) == nil, let magnitude = UInt64(digits, radix: radix) else { return nil }
        if sign == "-" {
            if magnitude == UInt64(Int64.max) + 1 { return .int(.min) }
            return Int64(exactly: magnitude).map { .int(-$0) }
        }
        return Int64(exactly: magnitude).map(Meaning.int) ?? .unsigned(magnitude)
    }

    private static func takeSign(_ text: inout Substring) -> Character? {
        guard let first = text.first, first == "+" || first == "-" else { return nil }
        return text.removeFirst()
    }

    /// Whether the text is `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`.
    private static func isFloat(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func takeDigits() -> Int {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(digits.count)
            return digits.count
        }
        func take(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: first) || rest.first == UInt8(ascii: second) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take("-", "+")
        let whole = takeDigits()
        if take(".", ".") {
            let fraction = takeDigits()
            if whole == 0, fraction == 0 { return false }
        } else if whole == 0 {
            return false
        }
        if take("e", "E") {
            _ = take("-", "+")
            if takeDigits() == 0 { return false }
        }
        return rest.isEmpty
    }

    /// Whether the text is one of the date formats of go-yaml: `2006-1-2`, with `T15:4:5` and a zone, or with
    /// ` 15:4:5` and none.
    private static func isTimestamp(_ text: String) -> Bool {
        var rest = text.utf8[...]
        func number(_ digits: ClosedRange<Int>, _ range: ClosedRange<Int>) -> Bool {
            let found = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.prefix(digits.upperBound)
            rest = rest.dropFirst(found.count)
            guard digits.contains(found.count), let value = Int(String(decoding: found, as: UTF8.self)) else {
                return false
            }
            return range.contains(value)
        }
        func take(_ scalar: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: scalar) else { return false }
            rest = rest.dropFirst()
            return true
        }
        func fraction() -> Bool {
            guard take(".") || take(",") else { return true }
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(digits.count)
            return !digits.isEmpty
        }
        func time() -> Bool {
            number(1...2, 0...23) && take(":") && number(1...2, 0...59) && take(":") && number(1...2, 0...59)
                && fraction()
        }
        guard number(4...4, 0...9999), take("-"), number(1...2, 1...12), take("-"), number(1...2, 1...31),
            isDate(text)
        else { return false }
        if rest.isEmpty { return true }
        if take(" ") { return time() && rest.isEmpty }
        guard take("T") || take("t"), time() else { return false }
        if take("Z") { return rest.isEmpty }
        guard take("+") || take("-") else { return false }
        return number(2...2, 0...24) && take(":") && number(2...2, 0...60) && rest.isEmpty
    }

    /// Whether the day of `2006-1-2…` is one that its month has.
    private static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-", maxSplits: 2).map { Int($0.prefix { $0.isNumber }) ?? 0 }
        let isLeapYear = parts[0] % 4 == 0 && (parts[0] % 100 != 0 || parts[0] % 400 == 0)
        switch parts[1] {
        case 2: return parts[2] <= (isLeapYear ? 29 : 28)
        case 4, 6, 9, 11: return parts[2] <= 30
        default: return true
        }
    }

    /// Whether a YAML 1.1 reader might take the text for a number to base 60, such as `12:30:45`.
    static func looksLikeBase60(_ text: String) -> Bool {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard let first = rest.first, isDigit(first) else { return false }
        rest = rest.drop { isDigit($0) || $0 == UInt8(ascii: "_") }
        var groups = 0
        while rest.first == UInt8(ascii: ":") {
            rest = rest.dropFirst()
            let digits = rest.prefix(2).prefix(while: isDigit)
            guard let leading = digits.first, digits.count == 1 || leading <= UInt8(ascii: "5") else { return false }
            rest = rest.dropFirst(digits.count)
            groups += 1
        }
        guard groups > 0 else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst().drop { isDigit($0) || $0 == UInt8(ascii: "_") }
        }
        return rest.isEmpty
    }
}
