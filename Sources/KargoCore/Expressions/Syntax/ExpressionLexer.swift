/// Cuts an expression into tokens, one at a time.
struct ExpressionLexer {
    let source: String
    let bytes: [UInt8]
    private var offset = 0

    init(_ source: String) {
        self.source = source
        bytes = Array(source.utf8)
    }

    mutating func next() throws(ExpressionError) -> ExpressionToken {
        try skipBlanks()
        let start = offset
        guard let byte = byte(at: start) else { return ExpressionToken(kind: .end, range: start..<start) }
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            try scanNumber()
            return token(.number, from: start)
        case UInt8(ascii: "."):
            if let digit = self.byte(at: start + 1), isDigit(digit) {
                offset += 1
                try scanNumber()
                return token(.number, from: start)
            }
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            try scanString(quote: byte)
            return token(.string, from: start)
        case UInt8(ascii: "`"):
            try scanRawString()
            return token(.rawString, from: start)
        case UInt8(ascii: "b"), UInt8(ascii: "B"):
            if let quote = self.byte(at: start + 1), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
                offset += 1
                try scanString(quote: quote)
                return token(.bytes, from: start)
            }
        default:
            break
        }
        if let sign = sign(byte, self.byte(at: start + 1)) {
            offset += sign.length
            return token(sign.kind, from: start)
        }
        guard skipWord() else { throw error("an expression has no such character", at: start..<start + 1) }
        return token(ExpressionToken.Kind(word: bytes[start..<offset]) ?? .identifier, from: start)
    }

    func error(_ message: String, at range: Range<Int>) -> ExpressionError {
        ExpressionError(.syntax, message).located(in: source, at: range)
    }

    private func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func token(_ kind: ExpressionToken.Kind, from start: Int) -> ExpressionToken {
        ExpressionToken(kind: kind, range: start..<offset)
    }

    // MARK: Blanks and comments

    private mutating func skipBlanks() throws(ExpressionError) {
        while let byte = byte(at: offset) {
            switch byte {
            case 0x09...0x0D, 0x20:
                offset += 1
            case UInt8(ascii: "/") where self.byte(at: offset + 1) == UInt8(ascii: "/"):
                offset = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
            case UInt8(ascii: "/") where self.byte(at: offset + 1) == UInt8(ascii: "*"):
                try skipComment()
            case 0x80...:
                guard let length = blankLength(at: offset) else { return }
                offset += length
            default:
                return
            }
        }
    }

    private mutating func skipComment() throws(ExpressionError) {
        let start = offset
        offset += 2
        while offset + 1 < bytes.count {
            if bytes[offset] == UInt8(ascii: "*"), bytes[offset + 1] == UInt8(ascii: "/") {
                offset += 2
                return
            }
            offset += 1
        }
        throw error("the comment is not closed; add '*/'", at: start..<start + 2)
    }

    // MARK: Words and signs

    /// Skips letters of any script, digits, `_` and `$`.
    private mutating func skipWord() -> Bool {
        let start = offset
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte.isWordByte || (isDigit(byte) && offset > start) {
                offset += 1
            } else if byte >= 0x80, let length = letterLength(at: offset) {
                offset += length
            } else {
                break
            }
        }
        return offset > start
    }

    /// The length of a letter or digit beyond ASCII.
    @inline(never)
    private func letterLength(at offset: Int) -> Int? {
        guard let scalar = scalar(at: offset) else { return nil }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber:
            return scalar.utf8.count
        default:
            return nil
        }
    }

    /// The length of a blank beyond ASCII.
    @inline(never)
    private func blankLength(at offset: Int) -> Int? {
        guard let scalar = scalar(at: offset), scalar.properties.isWhitespace else { return nil }
        return scalar.utf8.count
    }

    private func scalar(at offset: Int) -> Unicode.Scalar? {
        String(decoding: bytes[offset..<min(offset + 4, bytes.count)], as: UTF8.self).unicodeScalars.first
    }

    private func sign(_ first: UInt8, _ second: UInt8?) -> (kind: ExpressionToken.Kind, length: Int)? {
        let second = second.map { Unicode.Scalar($0) }
        switch Unicode.Scalar(first) {
        case "+": return (.plus, 1)
        case "-": return (.minus, 1)
        case "*": return second == "*" ? (.power, 2) : (.star, 1)
        case "/": return (.slash, 1)
        case "%": return (.percent, 1)
        case "^": return (.power, 1)
        case "=": return second == "=" ? (.equal, 2) : (.assign, 1)
        case "!": return second == "=" ? (.notEqual, 2) : (.exclamation, 1)
        case "<": return second == "=" ? (.lessOrEqual, 2) : (.less, 1)
        case ">": return second == "=" ? (.greaterOrEqual, 2) : (.greater, 1)
        case "&": return second == "&" ? (.and, 2) : nil
        case "|": return second == "|" ? (.or, 2) : (.pipe, 1)
        case "?": return second == "?" ? (.coalesce, 2) : second == "." ? (.optionalDot, 2) : (.question, 1)
        case ":": return second == ":" ? (.doubleColon, 2) : (.colon, 1)
        case ".": return second == "." ? (.range, 2) : (.dot, 1)
        case ",": return (.comma, 1)
        case ";": return (.semicolon, 1)
        case "#": return (.hash, 1)
        case "(": return (.leftParenthesis, 1)
        case ")": return (.rightParenthesis, 1)
        case "[": return (.leftBracket, 1)
        case "]": return (.rightBracket, 1)
        case "{": return (.leftBrace, 1)
        case "}": return (.rightBrace, 1)
        default: return nil
        }
    }

    // MARK: Literals

    /// Skips a number from its first digit on; whether it is a good one shows when it is read.
    private mutating func scanNumber() throws(ExpressionError) {
        let start = offset
        var isHexadecimal = false
        if bytes[offset] == UInt8(ascii: "0"), let base = byte(at: offset + 1).map({ $0 | 0x20 }) {
            isHexadecimal = base == UInt8(ascii: "x")
            if isHexadecimal || base == UInt8(ascii: "o") || base == UInt8(ascii: "b") { offset += 2 }
        }
        skipDigits(isHexadecimal)
        if byte(at: offset) == UInt8(ascii: ".") {
            // `1..3` is a range.
            guard byte(at: offset + 1) != UInt8(ascii: ".") else { return }
            offset += 1
            skipDigits(isHexadecimal)
        }
        if let exponent = byte(at: offset), exponent | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if let sign = byte(at: offset), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
            skipDigits(isHexadecimal)
        }
        let end = offset
        guard !skipWord() else { throw error("a letter follows the number", at: start..<end + 1) }
    }

    private mutating func skipDigits(_ isHexadecimal: Bool) {
        while let byte = byte(at: offset),
            byte == UInt8(ascii: "_") || (isHexadecimal ? isHexDigit(byte) : isDigit(byte))
        { offset += 1 }
    }

    private mutating func scanString(quote: UInt8) throws(ExpressionError) {
        let start = offset
        offset += 1
        while let byte = byte(at: offset), byte != 0x0A {
            offset += 1
            if byte == quote { return }
            if byte == UInt8(ascii: "\\") { offset += 1 }
        }
        throw error("the string is not closed on its line", at: start..<start + 1)
    }

    /// In a raw string two backticks stand for one.
    private mutating func scanRawString() throws(ExpressionError) {
        let start = offset
        offset += 1
        while let byte = byte(at: offset) {
            offset += 1
            guard byte == UInt8(ascii: "`") else { continue }
            guard self.byte(at: offset) == UInt8(ascii: "`") else { return }
            offset += 1
        }
        throw error("the string is not closed; add '`'", at: start..<start + 1)
    }
}

private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

private func isHexDigit(_ byte: UInt8) -> Bool { isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6 }

extension UInt8 {
    /// Whether it is a letter of ASCII, `_` or `$`.
    fileprivate var isWordByte: Bool {
        (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "_") || self == UInt8(ascii: "$")
    }
}
