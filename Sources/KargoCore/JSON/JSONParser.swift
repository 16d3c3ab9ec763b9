extension JSONValue {
    /// The deepest nesting that is read; what is deeper is refused rather than allowed to exhaust the stack.
    public static let maximumDepth = 512

    /// Reads one JSON text.
    ///
    /// Foundation's decoder is not used for values of unknown shape: it can't tell `1` from `1.0`, nor report
    /// a duplicate member, and is many times slower.
    ///
    /// - Parameters:
    ///   - bytes: The text in UTF-8. White space around the value is allowed, anything else is not.
    ///   - duplicates: Receives the path of each member that stands twice in one object; the last one is kept.
    /// - Throws: ``SyntaxError`` when the text is not JSON, not UTF-8, or nested deeper than ``maximumDepth``.
    public init(
        parsing bytes: UnsafeRawBufferPointer,
        duplicates: ((FieldPath) -> Void)? = nil
    ) throws(SyntaxError) {
        var parser = JSONParser(bytes: bytes.bindMemory(to: UInt8.self), duplicates: duplicates)
        self = try parser.parse()
    }

    /// Reads one JSON text; see the initializer for buffers.
    public init(parsing bytes: [UInt8], duplicates: ((FieldPath) -> Void)? = nil) throws(SyntaxError) {
        self = try bytes.span.withUnsafeBytes { buffer throws(SyntaxError) in
            try JSONValue(parsing: buffer, duplicates: duplicates)
        }
    }

    /// Reads one JSON text.
    public init(parsing text: String) throws(SyntaxError) {
        try self.init(parsing: Array(text.utf8))
    }
}

/// Reads JSON from any place of a text on.
struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    let duplicates: ((FieldPath) -> Void)?
    var offset = 0
    var depth = 0
    /// Maintained only while duplicates are asked for.
    var path = FieldPath([])

    init(bytes: UnsafeBufferPointer<UInt8>, duplicates: ((FieldPath) -> Void)?) {
        self.bytes = bytes
        self.duplicates = duplicates
    }

    mutating func parse() throws(SyntaxError) -> JSONValue {
        skipWhitespace()
        let value = try parseValue()
        skipWhitespace()
        guard offset == bytes.count else { throw error("unexpected text after the value") }
        return value
    }

    mutating func parseValue() throws(SyntaxError) -> JSONValue {
        guard offset < bytes.count else { throw error("unexpected end of text") }
        switch bytes[offset] {
        case UInt8(ascii: "{"): return try parseObject()
        case UInt8(ascii: "["): return try parseArray()
        case UInt8(ascii: "\""): return .string(try parseString())
        case UInt8(ascii: "t"): return try parseWord("true", .bool(true))
        case UInt8(ascii: "f"): return try parseWord("false", .bool(false))
        case UInt8(ascii: "n"): return try parseWord("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw error("unexpected character")
        }
    }

    private mutating func parseObject() throws(SyntaxError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var members: [String: JSONValue] = [:]
        skipWhitespace()
        if consume(UInt8(ascii: "}")) { return .object(members) }
        while true {
            skipWhitespace()
            guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else {
                throw error("expected a member name in double quotes")
            }
            let name = try parseString()
            skipWhitespace()
            guard consume(UInt8(ascii: ":")) else { throw error("expected ':' after a member name") }
            skipWhitespace()
            if duplicates != nil { path.components.append(.key(name)) }
            let value = try parseValue()
            if members.updateValue(value, forKey: name) != nil { duplicates?(path) }
            if duplicates != nil { path.components.removeLast() }
            skipWhitespace()
            if consume(UInt8(ascii: ",")) { continue }
            guard consume(UInt8(ascii: "}")) else { throw error("expected ',' or '}' in an object") }
            return .object(members)
        }
    }

    private mutating func parseArray() throws(SyntaxError) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        skipWhitespace()
        if consume(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            skipWhitespace()
            if duplicates != nil { path.components.append(.index(elements.count)) }
            elements.append(try parseValue())
            if duplicates != nil { path.components.removeLast() }
            skipWhitespace()
            if consume(UInt8(ascii: ",")) { continue }
            guard consume(UInt8(ascii: "]")) else { throw error("expected ',' or ']' in an array") }
            return .array(elements)
        }
    }

    private mutating func enter() throws(SyntaxError) {
        guard depth < JSONValue.maximumDepth else { throw error("nested deeper than \(JSONValue.maximumDepth) levels") }
        depth += 1
        offset += 1
    }

    private mutating func parseWord(_ word: StaticString, _ value: JSONValue) throws(SyntaxError) -> JSONValue {
        for index in 0..<word.utf8CodeUnitCount {
            guard offset < bytes.count, bytes[offset] == word.utf8Start[index] else {
                throw error("unexpected character")
            }
            offset += 1
        }
        return value
    }

    private mutating func parseNumber() throws(SyntaxError) -> JSONValue {
        let start = offset
        _ = consume(UInt8(ascii: "-"))
        let firstDigit = offset
        try skipDigits()
        if bytes[firstDigit] == UInt8(ascii: "0"), offset > firstDigit + 1 {
            throw error("a number has no leading zeros")
        }
        var isInteger = true
        if consume(UInt8(ascii: ".")) {
            isInteger = false
            try skipDigits()
        }
        if consume(UInt8(ascii: "e")) || consume(UInt8(ascii: "E")) {
            isInteger = false
            if !consume(UInt8(ascii: "+")) { _ = consume(UInt8(ascii: "-")) }
            try skipDigits()
        }
        let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<offset]), as: UTF8.self)
        if isInteger, let value = Int64(text) { return .int(value) }
        guard let value = Double(text), value.isFinite else { throw error("a number is out of range") }
        return .double(value)
    }

    private mutating func skipDigits() throws(SyntaxError) {
        let start = offset
        while offset < bytes.count, isDigit(bytes[offset]) { offset += 1 }
        guard offset > start else { throw error("expected a digit") }
    }

    private mutating func parseString() throws(SyntaxError) -> String {
        offset += 1
        let start = offset
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                let text = try validated(bytes[start..<offset])
                offset += 1
                return text
            case UInt8(ascii: "\\"):
                return try parseEscapedString(from: start)
            case 0..<0x20:
                throw error("a control character in a string must be escaped")
            default:
                offset += 1
            }
        }
        throw error("unterminated string")
    }

    /// The slow path, taken at the first backslash.
    private mutating func parseEscapedString(from start: Int) throws(SyntaxError) -> String {
        var text = Array(bytes[start..<offset])
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                guard let result = String(validating: text, as: UTF8.self) else {
                    throw error("a string is not valid UTF-8")
                }
                offset += 1
                return result
            case UInt8(ascii: "\\"):
                offset += 1
                try appendEscape(to: &text)
            case 0..<0x20:
                throw error("a control character in a string must be escaped")
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw error("unterminated string")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(SyntaxError) {
        guard offset < bytes.count else { throw error("unterminated string") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try parseHex()
            if (0xD800..<0xDC00).contains(scalar), offset + 1 < bytes.count,
                bytes[offset] == UInt8(ascii: "\\"), bytes[offset + 1] == UInt8(ascii: "u")
            {
                let next = offset
                offset += 2
                let low = try parseHex()
                if (0xDC00..<0xE000).contains(low) {
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                } else {
                    offset = next
                }
            }
            // A lone surrogate has no UTF-8; the replacement character stands for it, as in Go.
            text.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
        default:
            throw error("unknown escape in a string")
        }
    }

    private mutating func parseHex() throws(SyntaxError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count, let digit = Character(Unicode.Scalar(bytes[offset])).hexDigitValue else {
                throw error("expected four hexadecimal digits after \\u")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }

    private func validated(_ slice: Slice<UnsafeBufferPointer<UInt8>>) throws(SyntaxError) -> String {
        guard let text = String(validating: slice, as: UTF8.self) else { throw error("a string is not valid UTF-8") }
        return text
    }

    private mutating func skipWhitespace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        guard offset < bytes.count, bytes[offset] == byte else { return false }
        offset += 1
        return true
    }

    private func error(_ message: String) -> SyntaxError {
        var line = 1
        var column = 1
        for byte in bytes[..<min(offset, bytes.count)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else {
                column += 1
            }
        }
        return SyntaxError(message: message, line: line, column: column)
    }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
