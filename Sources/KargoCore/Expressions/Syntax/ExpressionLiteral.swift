/// Reads the literals that a lexer has found.
enum ExpressionLiteral {
    /// Why a literal is none.
    struct Fault: Error {
        var message: String
        /// Where in the literal.
        var range: Range<Int>
    }

    // MARK: Numbers

    /// An integer in base 2, 8, 10 or 16, or a floating point number.
    static func number(_ bytes: ArraySlice<UInt8>) throws(Fault) -> ExpressionValue {
        if let value = shortInteger(bytes) { return .int(value) }
        let digits = String(decoding: bytes.filter { $0 != UInt8(ascii: "_") }, as: UTF8.self)
        let fault = Fault(message: "the number is malformed or out of range", range: 0..<bytes.count)
        if let base = base(digits) {
            let body = digits.dropFirst(2)
            guard !body.utf8.contains(where: isSign), let value = Int64(body, radix: base) else { throw fault }
            return .int(value)
        }
        if digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            guard let value = Int64(digits) else { throw fault }
            return .int(value)
        }
        guard let value = GoNumber.parse(digits) else { throw fault }
        return .double(value)
    }

    /// A decimal integer that surely fits, which is what most numbers are.
    private static func shortInteger(_ bytes: ArraySlice<UInt8>) -> Int64? {
        guard bytes.count <= 18 else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            value = value * 10 + Int64(digit)
        }
        return value
    }

    private static func base(_ digits: String) -> Int? {
        switch digits.prefix(2) {
        case "0x", "0X": 16
        case "0o", "0O": 8
        case "0b", "0B": 2
        default: nil
        }
    }

    // MARK: Strings

    /// The text between two quotes.
    static func string(_ bytes: ArraySlice<UInt8>) throws(Fault) -> String {
        let isPlain = !bytes.contains { $0 == UInt8(ascii: "\\") || $0 == 0x0D }
        if isPlain { return String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self) }
        return String(decoding: try unescape(bytes, quoteOffset: 0, isText: true), as: UTF8.self)
    }

    /// The bytes between two quotes, after the letter `b`.
    static func bytes(_ bytes: ArraySlice<UInt8>) throws(Fault) -> [UInt8] {
        try unescape(bytes, quoteOffset: 1, isText: false)
    }

    /// The text between two backticks.
    static func rawString(_ bytes: ArraySlice<UInt8>) -> String {
        let body = bytes.dropFirst().dropLast()
        var result: [UInt8] = []
        result.reserveCapacity(body.count)
        var isPair = false
        for byte in body {
            isPair = byte == UInt8(ascii: "`") && !isPair
            if !isPair { result.append(byte) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func unescape(
        _ literal: ArraySlice<UInt8>,
        quoteOffset: Int,
        isText: Bool
    ) throws(Fault) -> [UInt8] {
        let bytes = Array(literal)
        let quote = bytes[quoteOffset]
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var offset = quoteOffset + 1
        let end = bytes.count - 1
        while offset < end {
            let byte = bytes[offset]
            if byte == 0x0D {
                result.append(0x0A)
                offset += 1
            } else if byte == UInt8(ascii: "\\") {
                try appendEscape(bytes, quote, isText, end, &offset, &result)
            } else {
                result.append(byte)
                offset += 1
            }
        }
        return result
    }

    private static func appendEscape(
        _ bytes: [UInt8],
        _ quote: UInt8,
        _ isText: Bool,
        _ end: Int,
        _ offset: inout Int,
        _ result: inout [UInt8]
    ) throws(Fault) {
        let start = offset
        let letter = bytes[offset + 1]
        offset += 2
        let fault = Fault(message: "the string has an unknown or incomplete escape", range: start..<min(offset, end))
        func number(_ digits: Int, radix: Int) throws(Fault) -> UInt32 {
            guard offset + digits <= end, !bytes[offset..<offset + digits].contains(where: isSign),
                let value = UInt32(String(decoding: bytes[offset..<offset + digits], as: UTF8.self), radix: radix)
            else { throw fault }
            offset += digits
            return value
        }
        func append(_ value: UInt32) throws(Fault) {
            guard value <= 0x10FFFF else { throw fault }
            // Go writes U+FFFD for half of a surrogate pair.
            result.append(contentsOf: String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
        }
        switch Unicode.Scalar(letter) {
        case "a": result.append(0x07)
        case "b": result.append(0x08)
        case "f": result.append(0x0C)
        case "n": result.append(0x0A)
        case "r": result.append(0x0D)
        case "t": result.append(0x09)
        case "v": result.append(0x0B)
        case "\\": result.append(letter)
        case "0", "1", "2", "3":
            offset -= 1
            let value = try number(3, radix: 8)
            if isText { try append(value) } else { result.append(UInt8(truncatingIfNeeded: value)) }
        case "x":
            let value = try number(2, radix: 16)
            if isText { try append(value) } else { result.append(UInt8(truncatingIfNeeded: value)) }
        case "u" where isText && bytes[offset] == UInt8(ascii: "{"):
            offset += 1
            guard let close = bytes[offset..<end].firstIndex(of: UInt8(ascii: "}")), (1...6).contains(close - offset)
            else { throw fault }
            try append(try number(close - offset, radix: 16))
            offset += 1
        case "u" where isText: try append(try number(4, radix: 16))
        case "U" where isText: try append(try number(8, radix: 16))
        default:
            guard letter == quote else { throw fault }
            result.append(letter)
        }
    }

    private static func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") }
}
