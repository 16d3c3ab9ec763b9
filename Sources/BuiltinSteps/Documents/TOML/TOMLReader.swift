import KargoCore

/// Reads the tokens of a TOML text.
struct TOMLReader: ByteScanner {
    let bytes: [UInt8]
    var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func starts(with text: StaticString) -> Bool {
        bytes[offset...].starts(with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    // MARK: White space

    mutating func skipBlanks() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 { offset += 1 }
    }

    mutating func skipBlanksAndLines() throws(SyntaxError) {
        while true {
            skipBlanks()
            switch peek() {
            case UInt8(ascii: "#"), 0x0A, 0x0D: try endLine()
            default: return
            }
        }
    }

    /// Goes behind the end of a line in which only a comment may still stand.
    mutating func endLine() throws(SyntaxError) {
        skipBlanks()
        if consume("#") {
            while let byte = peek(), byte != 0x0A, !(byte == 0x0D && peek(1) == 0x0A) {
                guard byte.isTOMLText else { throw error("a control character in a comment") }
                offset += 1
            }
        }
        switch (peek(), peek(1)) {
        case (nil, _): break
        case (0x0A, _): offset += 1
        case (0x0D, 0x0A): offset += 2
        default: throw error("expected the end of the line")
        }
    }

    // MARK: Names

    /// A name of a key: a word, or in quotes.
    mutating func readName() throws(SyntaxError) -> String {
        switch peek() {
        case UInt8(ascii: "\""): return try readBasicString()
        case UInt8(ascii: "'"): return try readLiteralString()
        default:
            let start = offset
            while let byte = peek(), byte.isTOMLWord { offset += 1 }
            guard offset > start else { throw error("expected a key") }
            return String(decoding: bytes[start..<offset], as: UTF8.self)
        }
    }

    // MARK: Strings

    mutating func readBasicString() throws(SyntaxError) -> String {
        offset += 1
        var text: [UInt8] = []
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): try readEscape(into: &text)
            default:
                guard byte.isTOMLText else { throw error("a control character in a string must be escaped") }
                text.append(byte)
                offset += 1
            }
        }
        throw error("unterminated string")
    }

    mutating func readLiteralString() throws(SyntaxError) -> String {
        offset += 1
        let start = offset
        while let byte = peek() {
            if byte == UInt8(ascii: "'") {
                offset += 1
                return String(decoding: bytes[start..<(offset - 1)], as: UTF8.self)
            }
            guard byte.isTOMLText else { throw error("a control character in a string in single quotes") }
            offset += 1
        }
        throw error("unterminated string")
    }

    /// A string between three quotes; line ends in it are LF.
    mutating func readMultilineString(quote: UInt8) throws(SyntaxError) -> String {
        offset += 3
        _ = takeLineEnd()
        var text: [UInt8] = []
        while let byte = peek() {
            if byte == quote {
                let count = bytes[offset...].prefix(5).prefix { $0 == quote }.count
                offset += count
                if count < 3 {
                    text += repeatElement(quote, count: count)
                    continue
                }
                text += repeatElement(quote, count: count - 3)
                return String(decoding: text, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
                if !skipEscapedLineEnd() { try readEscape(into: &text) }
            } else if takeLineEnd() {
                text.append(0x0A)
            } else {
                guard byte.isTOMLText else { throw error("a control character in a string") }
                text.append(byte)
                offset += 1
            }
        }
        throw error("unterminated string")
    }

    private mutating func takeLineEnd() -> Bool {
        let length = peek() == 0x0A ? 1 : peek() == 0x0D && peek(1) == 0x0A ? 2 : 0
        offset += length
        return length > 0
    }

    /// A backslash at the end of a line, with all white space behind it.
    private mutating func skipEscapedLineEnd() -> Bool {
        let start = offset
        offset += 1
        skipBlanks()
        guard takeLineEnd() else {
            offset = start
            return false
        }
        while true {
            skipBlanks()
            if !takeLineEnd() { return true }
        }
    }

    private mutating func readEscape(into text: inout [UInt8]) throws(SyntaxError) {
        offset += 1
        let letter = peek()
        offset += 1
        switch letter {
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): text.append(letter ?? 0)
        case UInt8(ascii: "u"): try readScalar(digits: 4, into: &text)
        case UInt8(ascii: "U"): try readScalar(digits: 8, into: &text)
        default: throw error("unknown escape in a string", at: offset - 2)
        }
    }

    private mutating func readScalar(digits: Int, into text: inout [UInt8]) throws(SyntaxError) {
        let code = bytes[offset...].prefix(digits)
        guard code.count == digits, code.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt32(String(decoding: code, as: UTF8.self), radix: 16), let scalar = Unicode.Scalar(value)
        else { throw error("expected \(digits) hexadecimal digits of a character") }
        offset += digits
        text += scalar.utf8
    }
}

extension UInt8 {
    /// Whether the byte may stand in strings and comments.
    fileprivate var isTOMLText: Bool { self == 0x09 || self >= 0x20 && self != 0x7F }

    /// Whether the byte may stand in a key without quotes.
    fileprivate var isTOMLWord: Bool {
        isASCIILetter || isASCIIDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "-")
    }
}
