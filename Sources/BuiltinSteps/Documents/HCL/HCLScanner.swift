import KargoCore

/// Reads the tokens of an HCL text.
struct HCLScanner: ByteScanner {
    private static let maximumDepth = 128

    let bytes: [UInt8]
    var offset = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    // MARK: Blanks

    /// Passes over blanks and comments, and over line ends if they mean nothing.
    mutating func skipBlanks(andLines: Bool = false) throws(SyntaxError) {
        while let byte = peek() {
            switch byte {
            case 0x20, 0x09: offset += 1
            case 0x0D where andLines, 0x0A where andLines: offset += 1
            case _ where isAtLineComment:
                guard andLines else { return }
                skipLine()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): try skipBlockComment()
            default: return
            }
        }
    }

    private var isAtLineComment: Bool {
        peek() == UInt8(ascii: "#") || peek() == UInt8(ascii: "/") && peek(1) == UInt8(ascii: "/")
    }

    private mutating func skipLine() { offset = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count }

    private mutating func skipBlockComment() throws(SyntaxError) {
        var place = offset + 2
        while place + 1 < bytes.count {
            if bytes[place] == UInt8(ascii: "*"), bytes[place + 1] == UInt8(ascii: "/") {
                offset = place + 2
                return
            }
            place += 1
        }
        throw error("a comment does not end")
    }

    // MARK: Names

    mutating func readName() throws(SyntaxError) -> String {
        let start = offset
        while let byte = peek(),
            byte.isASCIILetter || byte.isASCIIDigit || byte >= 0x80 || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: "-")
        {
            offset += 1
        }
        guard offset > start, !bytes[start].isASCIIDigit, bytes[start] != UInt8(ascii: "-") else {
            throw error("expected a name")
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// A key of an object without quotes: a name, a number, or several with dots.
    mutating func readKey() throws(SyntaxError) -> String {
        let start = offset
        while let byte = peek(), byte > 0x20, !"=:,{}[]()\"#".utf8.contains(byte) { offset += 1 }
        guard offset > start else { throw error("expected a key") }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// The text between quotes, its simple escapes taken out.
    mutating func readText() throws(SyntaxError) -> String {
        let start = offset
        try skipQuoted()
        let inner = bytes[(start + 1)..<(offset - 1)]
        guard inner.contains(UInt8(ascii: "\\")) else { return String(decoding: inner, as: UTF8.self) }
        // HCL has the escapes of JSON but for that of eight digits.
        return (try? JSONValue(parsing: Array(bytes[start..<offset])).stringValue)
            ?? String(decoding: inner, as: UTF8.self)
    }

    // MARK: Expressions

    /// Where the expression stands that follows; what is behind it comes next.
    mutating func readExpression() throws(SyntaxError) -> Range<Int> {
        try skipBlanks()
        let start = offset
        var end = offset
        while let byte = peek(), byte != 0x0A, !isAtLineComment, !",)]}".utf8.contains(byte) {
            switch byte {
            case 0x20, 0x09, 0x0D:
                offset += 1
                continue
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                try skipBlockComment()
                continue
            default: try skipToken(byte)
            }
            end = offset
        }
        guard end > start else { throw error("expected a value") }
        return start..<end
    }

    private mutating func skipToken(_ byte: UInt8) throws(SyntaxError) {
        switch byte {
        case UInt8(ascii: "\""): try skipQuoted()
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): try skipBrackets()
        case UInt8(ascii: "<") where peek(1) == UInt8(ascii: "<"): try skipHeredoc()
        default: offset += 1
        }
    }

    /// Passes over brackets and all that is in them.
    mutating func skipBrackets() throws(SyntaxError) {
        guard depth < Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
        depth += 1
        defer { depth -= 1 }
        let close: UInt8 =
            switch peek() {
            case UInt8(ascii: "("): UInt8(ascii: ")")
            case UInt8(ascii: "["): UInt8(ascii: "]")
            default: UInt8(ascii: "}")
            }
        offset += 1
        while true {
            try skipBlanks(andLines: true)
            guard let byte = peek() else { throw error("a bracket is not closed") }
            if byte == close {
                offset += 1
                return
            }
            if ")]}".utf8.contains(byte) { throw error("a bracket is closed that is not open") }
            try skipToken(byte)
        }
    }

    private mutating func skipQuoted() throws(SyntaxError) {
        offset += 1
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"): offset += 2
            case 0x0A: throw error("a string does not end")
            case UInt8(ascii: "$"), UInt8(ascii: "%"):
                offset += 1
                if peek() == byte, peek(1) == UInt8(ascii: "{") {
                    offset += 2
                } else if peek() == UInt8(ascii: "{") {
                    try skipBrackets()
                }
            default: offset += 1
            }
        }
        throw error("a string does not end")
    }

    /// Passes over `<<NAME` and all lines up to one that says `NAME`; the end of that line comes next.
    private mutating func skipHeredoc() throws(SyntaxError) {
        offset += 2
        _ = consume("-")
        let marker = try readName()
        skipLine()
        while offset < bytes.count {
            offset += 1
            let line = bytes[offset...].prefix { $0 != 0x0A }
            let text = line.drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 > 0x20 }
            let rest = line[text.endIndex...]
            if text.elementsEqual(marker.utf8), rest.allSatisfy({ $0 <= 0x20 }) {
                offset = text.endIndex
                return
            }
            offset = line.endIndex
        }
        throw error("the text up to \(marker) does not end")
    }
}
