extension JSONValue {
    /// Reads parts of a JSON text that is known to be well-formed, and passes over the rest without reading it.
    ///
    /// Of what it passes over only quotes and brackets are looked at, so text that comes from outside has to be read
    /// whole first.
    ///
    /// - Parameters:
    ///   - bytes: The text in UTF-8.
    ///   - outline: The parts. Members of objects are left out that it does not name.
    /// - Throws: ``SyntaxError`` where what is looked at is not JSON.
    public init(parsing bytes: [UInt8], keeping outline: FieldOutline) throws(SyntaxError) {
        self = try bytes.span.withUnsafeBytes { buffer throws(SyntaxError) in
            var skimmer = JSONSkimmer(buffer)
            return try skimmer.read(outline)
        }
    }

    /// Where a member's value stands in a JSON text that is known to be well-formed.
    ///
    /// - Parameters:
    ///   - path: The names of the members that lead to it.
    ///   - bytes: The text in UTF-8.
    /// - Returns: The place of the value; nil if there is none.
    /// - Throws: ``SyntaxError`` where what is looked at is not JSON.
    public static func place(of path: [String], in bytes: [UInt8]) throws(SyntaxError) -> Range<Int>? {
        let names = path.map(\.jsonBytes)
        return try bytes.span.withUnsafeBytes { buffer throws(SyntaxError) in
            var skimmer = JSONSkimmer(buffer)
            return try skimmer.place(of: names[...])
        }
    }
}

private struct JSONSkimmer {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes.bindMemory(to: UInt8.self)
    }

    /// Reads the value that is the whole text.
    mutating func read(_ outline: FieldOutline) throws(SyntaxError) -> JSONValue {
        let value = try value(outline)
        skipWhitespace()
        guard offset == bytes.count else { throw error("unexpected text after the value") }
        return value
    }

    /// Finds the value of a member in what begins here.
    mutating func place(of path: ArraySlice<[UInt8]>) throws(SyntaxError) -> Range<Int>? {
        skipWhitespace()
        guard let name = path.first else {
            let start = offset
            try skipValue()
            return start..<offset
        }
        guard next == UInt8(ascii: "{") else {
            try skipValue()
            return nil
        }
        var place: Range<Int>?
        try readMembers { skimmer, member throws(SyntaxError) in
            if member.isSame(as: name) {
                place = try skimmer.place(of: path.dropFirst())
            } else {
                try skimmer.skipValue()
            }
        }
        return place
    }

    private mutating func value(_ outline: FieldOutline) throws(SyntaxError) -> JSONValue {
        skipWhitespace()
        if outline.isEverything || next != UInt8(ascii: "{") {
            var parser = JSONParser(bytes: bytes, duplicates: nil)
            parser.offset = offset
            defer { offset = parser.offset }
            return try parser.parseValue()
        }
        var members: [String: JSONValue] = [:]
        try readMembers { skimmer, name throws(SyntaxError) in
            let part = outline[written: name]
            if part.isNothing {
                try skimmer.skipValue()
            } else {
                members[try Self.text(of: name)] = try skimmer.value(part)
            }
        }
        return .object(members)
    }

    private static func text(of name: UnsafeBufferPointer<UInt8>) throws(SyntaxError) -> String {
        guard name.contains(UInt8(ascii: "\\")) else { return String(decoding: name, as: UTF8.self) }
        return try JSONValue(parsing: [UInt8(ascii: "\"")] + name + [UInt8(ascii: "\"")]).stringValue ?? ""
    }

    /// Goes through the members of the object that begins here.
    ///
    /// The body gets names as they are written, and has to pass over the value.
    private mutating func readMembers(
        _ body: (inout JSONSkimmer, _ name: UnsafeBufferPointer<UInt8>) throws(SyntaxError) -> Void
    ) throws(SyntaxError) {
        offset += 1
        skipWhitespace()
        if next == UInt8(ascii: "}") {
            offset += 1
            return
        }
        while true {
            skipWhitespace()
            guard next == UInt8(ascii: "\"") else { throw error("expected a member name in double quotes") }
            let start = offset
            try skipString()
            let name = UnsafeBufferPointer(rebasing: bytes[start + 1..<offset - 1])
            skipWhitespace()
            guard next == UInt8(ascii: ":") else { throw error("expected ':' after a member name") }
            offset += 1
            skipWhitespace()
            try body(&self, name)
            skipWhitespace()
            guard next == UInt8(ascii: ",") || next == UInt8(ascii: "}") else {
                throw error("expected ',' or '}' in an object")
            }
            offset += 1
            if bytes[offset - 1] == UInt8(ascii: "}") { return }
        }
    }

    private mutating func skipValue() throws(SyntaxError) {
        var depth = 0
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""): try skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                offset += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                // The end of what is around it.
                if depth == 0 { return }
                depth -= 1
                offset += 1
            case UInt8(ascii: ",") where depth == 0: return
            default:
                offset += 1
                continue
            }
            if depth == 0 { return }
        }
        if depth > 0 { throw error("unexpected end of text") }
    }

    private mutating func skipString() throws(SyntaxError) {
        var place = offset + 1
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                offset = place + 1
                return
            }
            place += byte == UInt8(ascii: "\\") ? 2 : 1
        }
        offset = place
        throw error("unterminated string")
    }

    private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private mutating func skipWhitespace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { offset += 1 }
    }

    private func error(_ message: String) -> SyntaxError {
        SyntaxError(message: "\(message) (at byte \(offset))", line: 1, column: min(offset, bytes.count) + 1)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether these are the bytes of an array.
    func isSame(as other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        for index in indices where self[index] != other[index] { return false }
        return true
    }
}
