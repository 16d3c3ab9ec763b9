import KargoCore

extension TOMLReader {
    /// A string, a number, a Boolean or a date.
    mutating func readScalar() throws(SyntaxError) -> TOMLScalar {
        switch peek() {
        case UInt8(ascii: "\"") where starts(with: "\"\"\""):
            return .string(try readMultilineString(quote: UInt8(ascii: "\"")))
        case UInt8(ascii: "'") where starts(with: "'''"):
            return .string(try readMultilineString(quote: UInt8(ascii: "'")))
        case UInt8(ascii: "\""): return .string(try readBasicString())
        case UInt8(ascii: "'"): return .string(try readLiteralString())
        default: break
        }
        let start = offset
        while let byte = peek(), byte.isASCIILetter || byte.isASCIIDigit || "+-_.:".utf8.contains(byte) { offset += 1 }
        // A blank may stand between a date and a time.
        if offset - start == 10, peek() == 0x20, peek(1)?.isASCIIDigit == true, TOMLDate(bytes[start..<offset]) != nil {
            offset += 1
            while let byte = peek(), byte.isASCIILetter || byte.isASCIIDigit || "+-.:".utf8.contains(byte) {
                offset += 1
            }
        }
        let word = bytes[start..<offset]
        guard let scalar = Self.scalar(word) else {
            let text = String(decoding: word, as: UTF8.self)
            throw error(word.isEmpty ? "expected a value" : "\"\(text)\" is no value", at: start)
        }
        return scalar
    }

    private static func scalar(_ word: ArraySlice<UInt8>) -> TOMLScalar? {
        switch String(decoding: word, as: UTF8.self) {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "inf", "+inf": return .float(.infinity)
        case "-inf": return .float(-.infinity)
        case "nan", "+nan", "-nan": return .float(.nan)
        default: return TOMLDate(word).map(TOMLScalar.date) ?? number(word)
        }
    }

    private static func number(_ word: ArraySlice<UInt8>) -> TOMLScalar? {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where word.starts(with: prefix.utf8) {
            guard let digits = digits(word.dropFirst(2)), digits.first.map({ $0 != "+" && $0 != "-" }) == true else {
                return nil
            }
            return Int64(digits, radix: radix).map(TOMLScalar.integer)
        }
        let isSigned = word.first == UInt8(ascii: "+") || word.first == UInt8(ascii: "-")
        let magnitude = isSigned ? word.dropFirst() : word
        let whole = magnitude.prefix { $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
        guard let integer = digits(whole), integer.count == 1 || !integer.hasPrefix("0") else { return nil }
        let sign = word.first == UInt8(ascii: "-") ? "-" : ""
        var rest = magnitude[whole.endIndex...]
        if rest.isEmpty { return Int64(sign + integer).map(TOMLScalar.integer) }
        var text = sign + integer
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix { $0.isASCIIDigit || $0 == UInt8(ascii: "_") }
            guard let digits = digits(fraction) else { return nil }
            text += "." + digits
            rest = rest[fraction.endIndex...]
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            let exponentSign = rest.first == UInt8(ascii: "-") ? "-" : ""
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
            guard rest.allSatisfy({ $0.isASCIIDigit || $0 == UInt8(ascii: "_") }), let digits = digits(rest) else {
                return nil
            }
            text += "e" + exponentSign + digits
            rest = rest[rest.endIndex...]
        }
        return rest.isEmpty ? Double(text).map(TOMLScalar.float) : nil
    }

    /// Digits without the underscores between them; nothing if there are none, or an underscore stands elsewhere.
    private static func digits(_ text: ArraySlice<UInt8>) -> String? {
        let groups = text.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        if groups.contains(where: \.isEmpty) { return nil }
        return String(decoding: groups.joined(), as: UTF8.self)
    }
}

extension TOMLDate {
    /// Reads a date, a time or both; nothing if the text is none.
    init?(_ bytes: ArraySlice<UInt8>) {
        var reader = DateReader(rest: bytes)
        guard let kind = reader.read() else { return nil }
        self.kind = kind
        text = String(decoding: reader.text, as: UTF8.self)
    }
}

private struct DateReader {
    var rest: ArraySlice<UInt8>
    /// What has been read, in normal form.
    var text: [UInt8] = []

    mutating func read() -> TOMLDate.Kind? {
        if rest.count > 2, rest[rest.startIndex + 2] == UInt8(ascii: ":") {
            return time() && rest.isEmpty ? .localTime : nil
        }
        guard date() else { return nil }
        if rest.isEmpty { return .localDate }
        guard take("T", "t", " "), time() else { return nil }
        if rest.isEmpty { return .localDateTime }
        if take("Z", "z", "Z") { return rest.isEmpty ? .offsetDateTime : nil }
        guard take("+", "+", "+") || take("-", "-", "-"), number(2, 0...23) != nil, take(":", ":", ":"),
            number(2, 0...59) != nil
        else { return nil }
        return rest.isEmpty ? .offsetDateTime : nil
    }

    private mutating func date() -> Bool {
        guard let year = number(4, 0...9999), take("-", "-", "-"), let month = number(2, 1...12), take("-", "-", "-"),
            let day = number(2, 1...31)
        else { return false }
        switch month {
        case 2: return day <= (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28)
        case 4, 6, 9, 11: return day <= 30
        default: return true
        }
    }

    private mutating func time() -> Bool {
        guard number(2, 0...23) != nil, take(":", ":", ":"), number(2, 0...59) != nil, take(":", ":", ":"),
            number(2, 0...59) != nil
        else { return false }
        guard take(".", ".", ".") else { return true }
        let digits = rest.prefix(while: \.isASCIIDigit)
        text += digits
        rest = rest[digits.endIndex...]
        return !digits.isEmpty
    }

    private mutating func number(_ count: Int, _ range: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(\.isASCIIDigit) else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        text += digits
        rest = rest.dropFirst(count)
        return range.contains(value) ? value : nil
    }

    /// Takes one of the characters; the first is the normal form.
    private mutating func take(_ normal: Unicode.Scalar, _ others: Unicode.Scalar...) -> Bool {
        guard let byte = rest.first, byte == UInt8(ascii: normal) || others.contains(Unicode.Scalar(byte)) else {
            return false
        }
        text.append(UInt8(ascii: normal))
        rest = rest.dropFirst()
        return true
    }
}
