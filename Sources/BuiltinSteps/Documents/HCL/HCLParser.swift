import KargoCore

/// Reads the structure of an HCL text; expressions are passed over.
struct HCLParser {
    private static let maximumDepth = 128

    private var scanner: HCLScanner

    private init(_ bytes: [UInt8]) { scanner = HCLScanner(bytes) }

    /// Reads a file.
    ///
    /// - Throws: `SyntaxError` if its structure is not that of HCL.
    static func parse(_ bytes: [UInt8]) throws(SyntaxError) -> HCLBody {
        var parser = HCLParser(bytes)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.scanner.offset = 3 }
        return try parser.parseBody(depth: 0)
    }

    /// The items of an object that an expression consists of; nothing if it is something else.
    static func object(in bytes: [UInt8], at range: Range<Int>) throws(SyntaxError) -> HCLBody? {
        guard bytes[range.lowerBound] == UInt8(ascii: "{") else { return nil }
        var parser = HCLParser(Array(bytes[..<range.upperBound]))
        parser.scanner.offset = range.lowerBound + 1
        return try parser.parseObject()
    }

    private mutating func parseBody(depth: Int) throws(SyntaxError) -> HCLBody {
        guard depth < Self.maximumDepth else {
            throw scanner.error("nested deeper than \(Self.maximumDepth) levels")
        }
        var body = HCLBody()
        while true {
            try scanner.skipBlanks(andLines: true)
            switch scanner.peek() {
            case nil where depth == 0: return body
            case nil: throw scanner.error("a block is not closed")
            case UInt8(ascii: "}") where depth > 0:
                scanner.offset += 1
                return body
            default: try parseItem(into: &body, depth: depth)
            }
        }
    }

    private mutating func parseItem(into body: inout HCLBody, depth: Int) throws(SyntaxError) {
        let name = try scanner.readName()
        try scanner.skipBlanks()
        if scanner.consume("=") {
            body.attributes.append(HCLBody.Attribute(name: name, value: try scanner.readExpression()))
            return
        }
        var labels: [String] = []
        while !scanner.consume("{") {
            labels.append(
                scanner.peek() == UInt8(ascii: "\"") ? try scanner.readText() : try scanner.readName()
            )
            try scanner.skipBlanks()
        }
        let inner = try parseBody(depth: depth + 1)
        body.blocks.append(HCLBody.Block(type: name, labels: labels, body: inner))
    }

    private mutating func parseObject() throws(SyntaxError) -> HCLBody {
        var body = HCLBody()
        while true {
            try scanner.skipBlanks(andLines: true)
            if scanner.consume("}") { return body }
            let name: String?
            switch scanner.peek() {
            case UInt8(ascii: "\""): name = try scanner.readText()
            case UInt8(ascii: "("):
                // A key that has to be computed can't be asked for.
                try scanner.skipBrackets()
                name = nil
            default: name = try scanner.readKey()
            }
            try scanner.skipBlanks()
            guard scanner.consume("=") || scanner.consume(":") else { throw scanner.error("expected = behind a key") }
            let value = try scanner.readExpression()
            if let name { body.attributes.append(HCLBody.Attribute(name: name, value: value)) }
            try scanner.skipBlanks(andLines: true)
            _ = scanner.consume(",")
        }
    }
}
