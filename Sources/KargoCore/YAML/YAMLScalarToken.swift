/// A change of a text.
struct TextEdit {
    let range: Range<Int>
    let replacement: [UInt8]

    init(_ range: Range<Int>, _ replacement: String = "") {
        self.range = range
        self.replacement = Array(replacement.utf8)
    }
}

/// A scalar as it stands in a text, with its tag and anchor.
struct YAMLScalarToken {
    private let bytes: [UInt8]
    private let tag: String?
    private let isInFlow: Bool
    /// Whether the outermost collection is in braces or brackets, as in a JSON file.
    private let isInJSON: Bool
    /// The tag with the blanks behind it.
    private var tagRange: Range<Int>?
    /// The scalar without tag and anchor.
    private let range: Range<Int>
    /// Whether the scalar stands in one line as it is, so that another one can stand in its place.
    let isReplaceable: Bool

    init(_ target: YAMLScalarTarget, in bytes: [UInt8], _ offsets: YAMLByteOffsets) {
        self.bytes = bytes
        tag = target.node.tag
        let start = offsets[target.node.start]
        let end = max(start, offsets[target.node.end])
        let properties = Properties(in: bytes[start..<end])
        tagRange = properties.tag
        range = properties.end..<end
        isReplaceable = properties.tag == nil && target.node.isWritten(as: bytes[range])
        let flow = target.ancestors.map { node in
            let properties = Properties(in: bytes[offsets[node.start]...])
            let first = properties.end < bytes.count ? bytes[properties.end] : 0
            return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        }
        isInFlow = flow.contains(true)
        isInJSON = flow.first == true
    }

    /// What gives the scalar a new value, in order of place.
    func edits(for value: JSONValue) -> [TextEdit] {
        var edits: [TextEdit] = []
        if let tagRange, contradicts(value) { edits.append(TextEdit(tagRange)) }
        switch range.isEmpty ? 0 : bytes[range.lowerBound] {
        case UInt8(ascii: "|"), UInt8(ascii: ">"):
            edits += blockEdits(for: value)
        case 0:
            let isAfterBlank = range.lowerBound == 0 || bytes[range.lowerBound - 1].isYAMLBlank || !edits.isEmpty
            edits.append(TextEdit(range, (isAfterBlank ? "" : " ") + text(of: value)))
        default:
            edits.append(TextEdit(range, text(of: value)))
        }
        return edits
    }

    /// Whether the value would not be read as itself behind the tag.
    ///
    /// Tags of an application stay.
    private func contradicts(_ value: JSONValue) -> Bool {
        // "!" alone makes a string of whatever follows.
        guard let tag, tag != "!" else { return value.stringValue == nil }
        guard tag.hasPrefix(YAMLScalar.coreTagPrefix) else { return false }
        switch (tag.dropFirst(YAMLScalar.coreTagPrefix.count), value) {
        case ("str", .string), ("int", .int), ("float", .int), ("float", .double), ("bool", .bool), ("null", .null):
            return false
        default:
            return true
        }
    }

    private func text(of value: JSONValue) -> String {
        guard case .string(let text) = value else { return YAMLEditor.scalarText(of: value) }
        switch range.isEmpty ? 0 : bytes[range.lowerBound] {
        case UInt8(ascii: "'") where text.unicodeScalars.allSatisfy { $0.isYAMLPrintable && !$0.isYAMLBreak }:
            return "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
        case UInt8(ascii: "'"), UInt8(ascii: "\""):
            return GoQuote.quote(text)
        default:
            return text.isPlainYAML(inFlow: isInFlow) && !isInJSON ? text : GoQuote.quote(text)
        }
    }

    // MARK: Block scalars

    /// Replaces the indicator and takes the lines away; a comment behind the indicator stays.
    private func blockEdits(for value: JSONValue) -> [TextEdit] {
        let isInHeader = { (byte: UInt8) in
            byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        let header = bytes[range].dropFirst().prefix(while: isInHeader)
        let lineEnd = bytes[header.endIndex..<range.upperBound].firstIndex(where: \.isLineBreak) ?? range.upperBound
        let isCRLF = bytes[lineEnd...].starts(with: "\r\n".utf8)
        let content = min(lineEnd + (isCRLF ? 2 : 1), range.upperBound)..<range.upperBound
        let lines = content.lowerBound..<endOfText(in: content)
        let literal =
            header.isEmpty || header.elementsEqual("-".utf8) || header.elementsEqual("+".utf8)
            ? self.literal(value, lines: lines, lineBreak: isCRLF ? "\r\n" : "\n") : nil
        return [
            TextEdit(range.lowerBound..<header.endIndex, literal?.header ?? text(of: value)),
            TextEdit(lines, literal?.lines ?? ""),
        ]
    }

    /// Where the last line ends that is not blank.
    private func endOfText(in content: Range<Int>) -> Int {
        guard let last = bytes[content].lastIndex(where: { !$0.isYAMLBlank }) else { return content.lowerBound }
        guard var end = bytes[last..<content.upperBound].firstIndex(where: \.isLineBreak) else {
            return content.upperBound
        }
        if bytes[end..<content.upperBound].starts(with: "\r\n".utf8) { end += 1 }
        return end + 1
    }

    /// Several lines in place of several lines, if they can stand there.
    private func literal(_ value: JSONValue, lines: Range<Int>, lineBreak: String) -> (header: String, lines: String)? {
        guard bytes[range.lowerBound] == UInt8(ascii: "|"), case .string(var text) = value, text.contains("\n") else {
            return nil
        }
        let indent = bytes[lines].prefix { $0 == 0x20 }.count
        let isClipped = text.hasSuffix("\n")
        if isClipped { text.removeLast() }
        guard indent > 0, indent < lines.count, !bytes[lines.lowerBound + indent].isLineBreak,
            ScalarAnalysis(text + "\n").style(isKey: false) == .literal,
            let first = text.unicodeScalars.first, first != " ", !first.isYAMLBreak, !text.hasSuffix("\n"),
            !text.unicodeScalars.contains(where: { $0.isYAMLBreak && $0 != "\n" })
        else { return nil }
        let margin = String(repeating: " ", count: indent)
        let result = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                (line.isEmpty ? "" : margin + line) + lineBreak
            }
        return (isClipped ? "|" : "|-", result.joined())
    }
}

extension YAMLNode {
    /// Whether some bytes are the scalar, without or in quotes, in one line.
    fileprivate func isWritten(as bytes: ArraySlice<UInt8>) -> Bool {
        guard case .scalar(let text, let isPlain) = content, let first = bytes.first, let last = bytes.last,
            !bytes.contains(where: \.isLineBreak)
        else { return false }
        if isPlain { return bytes.elementsEqual(text.utf8) }
        return bytes.count > 1 && first == last && (first == UInt8(ascii: "'") || first == UInt8(ascii: "\""))
    }
}

/// The tag and the anchor in front of a node.
private struct Properties {
    private(set) var tag: Range<Int>?
    /// Where the node itself begins.
    private(set) var end: Int

    init(in bytes: ArraySlice<UInt8>) {
        end = bytes.startIndex
        let skip = { (position: Int, isPart: (UInt8) -> Bool) in
            bytes[position...].firstIndex { !isPart($0) } ?? bytes.endIndex
        }
        while end < bytes.endIndex {
            switch bytes[end] {
            case UInt8(ascii: "&"):
                end = skip(end) { !$0.isYAMLBlank }
            case UInt8(ascii: "!"):
                let start = end
                end = skip(end) { !$0.isYAMLBlank }
                tag = start..<skip(end) { $0 == 0x20 }
            case UInt8(ascii: "#"):
                end = skip(end) { !$0.isLineBreak }
            case let byte where byte.isYAMLBlank:
                end = skip(end) { $0.isYAMLBlank }
            default:
                return
            }
        }
    }
}

extension UInt8 {
    fileprivate var isLineBreak: Bool { self == 0x0A || self == 0x0D }
    fileprivate var isYAMLBlank: Bool { self == 0x20 || self == 0x09 || isLineBreak }
}

extension String {
    /// Whether a scalar of this text and without quotes is a string.
    var meansItself: Bool { YAMLScalar.meaning(of: self) == .string && !YAMLScalar.looksLikeBase60(self) }

    /// Whether the text can be written without quotes.
    ///
    /// What Go reads as a number or a Boolean can't, as in Kargo.
    func isPlainYAML(inFlow: Bool) -> Bool {
        guard ScalarAnalysis(self).style(isKey: false) == .plain, Double(self) == nil else { return false }
        switch self {
        case "t", "T", "f", "F": return false
        default: return !inFlow || !utf8.contains { ",[]{}:?".utf8.contains($0) }
        }
    }
}
