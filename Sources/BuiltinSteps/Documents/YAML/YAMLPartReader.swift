import KargoCore

/// Makes parts of the nodes of a document and of the text that they stand in.
struct YAMLPartReader {
    /// A document that can't be written again.
    struct Unsupported: Error, CustomStringConvertible {
        let description: String
    }

    /// A comment or a blank line.
    struct Note {
        let offset: Int
        let text: String
        let isOwnLine: Bool
    }

    private static let maximumAliasedNodes = 100_000

    let bytes: [UInt8]
    /// Where each character begins.
    private let offsets: [Int]
    private let expandsAliases: Bool
    private var notes: ArraySlice<Note> = []
    private var aliasDepth = 0
    private var aliasedNodes = 0

    /// Reads the first document of a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - expandsAliases: Whether what an alias stands for takes its place.
    /// - Returns: The document; nil if there is none, or nothing in it.
    /// - Throws: `SyntaxError`, ``Unsupported``.
    static func document(in text: String, expandsAliases: Bool) throws -> YAMLPartDocument? {
        guard let root = try YAMLNode.firstDocument(in: text), try !root.meansNull else { return nil }
        var reader = YAMLPartReader(text, expandsAliases: expandsAliases)
        reader.notes =
            YAMLNotes.notes(in: reader.bytes, around: reader.leaves(of: root), until: reader.end(of: root))[...]
        let part = try reader.part(root)
        let foot = reader.notes.map(\.text)
        return YAMLPartDocument(root: part, foot: foot)
    }

    private init(_ text: String, expandsAliases: Bool) {
        bytes = Array(text.utf8)
        self.expandsAliases = expandsAliases
        // libyaml counts without a byte order mark.
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        offsets = (start..<bytes.count).filter { [bytes] in bytes[$0] & 0xC0 != 0x80 } + [bytes.count]
    }

    private func offset(_ mark: YAMLNode.Mark) -> Int { offsets[min(max(mark.index, 0), offsets.count - 1)] }

    /// Where the document ends: at a marker, or with the text.
    private func end(of root: YAMLNode) -> Int {
        var start = offset(root.end)
        while start < bytes.count {
            let isLineStart = start == 0 || bytes[start - 1] == 0x0A
            let line = bytes[start...].prefix { $0 != 0x0A }
            if isLineStart, line.starts(with: "---".utf8) || line.starts(with: "...".utf8) { return start }
            start = line.endIndex + 1
        }
        return bytes.count
    }

    private func leaves(of node: YAMLNode) -> [Range<Int>] {
        switch node.content {
        case .scalar, .alias: [offset(node.start)..<max(offset(node.start), offset(node.end))]
        case .sequence(let nodes): nodes.flatMap { leaves(of: $0) }
        case .mapping(let entries): entries.flatMap { leaves(of: $0.key) + leaves(of: $0.value) }
        }
    }

    // MARK: Nodes

    private mutating func part(_ node: YAMLNode) throws -> YAMLPart {
        if aliasDepth > 0 {
            aliasedNodes += 1
            if aliasedNodes > Self.maximumAliasedNodes {
                throw Unsupported(description: "too many nodes by way of aliases")
            }
        }
        let start = offset(node.start)
        let properties = YAMLProperties(of: node, in: bytes[start...])
        let written =
            expandsAliases
            ? properties.tag : [properties.anchor, properties.tag].compactMap { $0 }.joined(separator: " ")
        var part = YAMLPart(content: .alias(""), properties: written ?? "")
        let opener = properties.end < bytes.count ? bytes[properties.end] : 0
        switch node.content {
        case .alias(let target):
            guard expandsAliases else {
                let name = bytes[start..<offset(node.end)].dropFirst()
                part.content = .alias(String(decoding: name, as: UTF8.self))
                break
            }
            aliasDepth += 1
            // The comments there are not those here.
            let kept = notes
            notes = []
            part = try self.part(target)
            notes = kept
            aliasDepth -= 1
        case .scalar(let value, let isPlain):
            part.isNull = try node.meansNull
            part.isText = try !isPlain || node.jsonValue().stringValue != nil
            read(value, in: properties.end..<max(properties.end, offset(node.end)), into: &part)
        case .mapping(let entries):
            part.isFlow = opener == UInt8(ascii: "{") && !bytes[start..<offset(node.end)].contains(0x0A)
            part.content = .mapping(try entries.map { entry in try self.entry(entry) })
        case .sequence(let nodes):
            part.isFlow = opener == UInt8(ascii: "[") && !bytes[start..<offset(node.end)].contains(0x0A)
            part.content = .sequence(
                try nodes.map { node in
                    let head = takeNotes(before: offset(node.start))
                    return YAMLPart.Entry(head: head, value: try self.part(node))
                }
            )
        }
        if part.comment == nil, aliasDepth == 0 { part.comment = takeComment(behind: offset(node.end)) }
        return part
    }

    private mutating func entry(_ entry: YAMLNode.Entry) throws -> YAMLPart.Entry {
        guard case .scalar(let text, _) = entry.key.content else {
            throw Unsupported(description: "line \(entry.key.start.line) has a key that is no scalar")
        }
        let start = offset(entry.key.start)
        var head = takeNotes(before: start)
        let token = bytes[start..<max(start, offset(entry.key.end))]
        guard !token.contains(0x0A) else {
            throw Unsupported(description: "line \(entry.key.start.line) has a key of several lines")
        }
        var comment: String?
        if entry.value.start.line > entry.key.end.line { comment = takeComment(behind: offset(entry.key.end)) }
        if case .scalar = entry.value.content { head += takeNotes(before: offset(entry.value.start)) }
        let key = YAMLPart.Key(text: text, token: String(decoding: token, as: UTF8.self))
        return YAMLPart.Entry(head: head, key: key, keyComment: comment, value: try part(entry.value))
    }

    private func read(_ value: String, in range: Range<Int>, into part: inout YAMLPart) {
        let token = bytes[range]
        let text = token.contains(0x0A) ? nil : String(decoding: token, as: UTF8.self)
        switch token.first {
        case UInt8(ascii: "|"), UInt8(ascii: ">"):
            let lines = String(decoding: token, as: UTF8.self).filteringReturns
                .split(separator: "\n", omittingEmptySubsequences: false)
            let header = lines[0].prefix { $0 != " " && $0 != "\t" && $0 != "#" }
            if let hash = lines[0].firstIndex(of: "#") { part.comment = String(lines[0][hash...]) }
            let indent = lines.dropFirst().first { !$0.allSatisfy { $0 == " " } }?.prefix { $0 == " " }.count ?? 0
            var rest = lines.dropFirst().map { String($0.dropFirst(indent)) }
            while rest.last?.isEmpty == true { rest.removeLast() }
            let keepsBlankLines = header.contains("+")
            let isStated = header.contains(where: \.isNumber)
            let style: YAMLPart.Style =
                keepsBlankLines || isStated || rest.isEmpty
                ? .doubleQuoted : .block(header: String(header), lines: rest)
            part.content = .scalar(value, style, token: nil)
        case UInt8(ascii: "\""): part.content = .scalar(value, .doubleQuoted, token: text)
        case UInt8(ascii: "'"): part.content = .scalar(value, .singleQuoted, token: text)
        default: part.content = .scalar(value, .plain, token: text)
        }
    }

    // MARK: Notes

    /// What stands before a place and nobody has taken.
    private mutating func takeNotes(before offset: Int) -> [String] {
        let taken = notes.prefix { $0.offset < offset }
        notes = notes.dropFirst(taken.count)
        return taken.map(\.text)
    }

    /// The comment behind a place in its line.
    private mutating func takeComment(behind offset: Int) -> String? {
        guard let note = notes.first, !note.isOwnLine, note.offset >= offset,
            !bytes[offset..<note.offset].contains(0x0A)
        else { return nil }
        notes = notes.dropFirst()
        return note.text
    }
}

extension YAMLNode {
    fileprivate var meansNull: Bool {
        get throws {
            guard case .scalar(_, isPlain: true) = content else { return false }
            return tag == nil ? try jsonValue().isNull : tag == "tag:yaml.org,2002:null"
        }
    }
}

extension String {
    fileprivate var filteringReturns: String {
        String(decoding: utf8.filter { $0 != 0x0D }, as: UTF8.self)
    }
}
