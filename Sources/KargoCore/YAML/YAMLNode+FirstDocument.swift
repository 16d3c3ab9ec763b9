extension YAMLNode {
    /// Reads the first document of a YAML stream; what follows it may be anything.
    ///
    /// That is what Go's `yaml.Unmarshal` does, and what makes it possible to read the head of a Markdown file.
    ///
    /// - Parameter text: The stream.
    /// - Returns: The root node, or nil if there is no document.
    /// - Throws: ``SyntaxError`` as ``documents(in:)``.
    public static func firstDocument(in text: String) throws(SyntaxError) -> YAMLNode? {
        var scanner = DocumentScanner(bytes: Array(text.utf8))
        let end = scanner.endOfFirstDocument()
        if end == scanner.bytes.count { return try documents(in: text).first }
        return try documents(in: String(decoding: scanner.bytes[..<end], as: UTF8.self)).first
    }
}

/// Finds the line that ends a document: wherever it stands, `---` or `...` at the beginning of a line does.
private struct DocumentScanner {
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    let bytes: [UInt8]
    private var hasBegun = false

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func endOfFirstDocument() -> Int {
        var start = bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
            if ends(atLine: bytes[start..<end]) { return start }
            start = end + 1
        }
        return bytes.count
    }

    private mutating func ends(atLine line: ArraySlice<UInt8>) -> Bool {
        let isMarker =
            (line.starts(with: "---".utf8) || line.starts(with: "...".utf8))
            && line.dropFirst(3).first.map { $0 == 0x20 || $0 == 0x09 } ?? true
        if isMarker {
            if hasBegun { return true }
            hasBegun = true
            return false
        }
        switch line.first(where: { $0 != 0x20 && $0 != 0x09 }) {
        case nil, UInt8(ascii: "#"): break
        case UInt8(ascii: "%") where line.first == UInt8(ascii: "%") && !hasBegun: break
        default: hasBegun = true
        }
        return false
    }
}
