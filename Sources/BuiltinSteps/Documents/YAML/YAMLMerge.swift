import KargoCore

/// Merges YAML documents, each into what comes of those before it.
///
/// Mappings are merged key by key, new keys come last in the order of their names, `null` removes a key; anything else
/// replaces what was there. Comments stay, unless the later document has one at the same place.
struct YAMLMerge {
    /// Documents that can't be merged.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let listKeys: PatchListKeys?

    /// Merges documents.
    ///
    /// - Parameter texts: The documents; of each the first of its text. Those without content do not count.
    /// - Returns: The merged document; empty if there is none.
    /// - Throws: ``Failure``, `SyntaxError`, `YAMLPartReader.Unsupported`.
    static func merge(_ texts: [String]) throws -> String {
        let result = try merge(texts, expandsAliases: false)
        let expanded = try merge(texts, expandsAliases: true)
        guard let meaning = meaning(of: expanded) else {
            throw Failure(description: "what comes of merging can't be written down")
        }
        // Anchors may be gone that aliases name, or stand for something else; then what they stood for is written out.
        return Self.meaning(of: result) == meaning ? result : expanded
    }

    /// What a text means, as JSON; nothing if it is no YAML.
    private static func meaning(of text: String) -> String? {
        do throws(SyntaxError) {
            guard let root = try YAMLNode.firstDocument(in: text) else { return "" }
            return try root.jsonValue(duplicateKeys: .lastWins).text()
        } catch {
            return nil
        }
    }

    private static func merge(_ texts: [String], expandsAliases: Bool) throws -> String {
        var result: YAMLPartDocument?
        for text in texts {
            guard let document = try YAMLPartReader.document(in: text, expandsAliases: expandsAliases) else { continue }
            if let destination = result {
                let merge = YAMLMerge(listKeys: PatchListKeys(of: destination.root))
                let root = try merge.merged(destination.root, document.root, path: [])
                result = root.map { root in
                    YAMLPartDocument(root: root, foot: document.foot.hasComments ? document.foot : destination.foot)
                }
            } else {
                result = document
            }
        }
        return result.map(YAMLPartWriter.text(of:)) ?? ""
    }

    /// What comes of two nodes; nil if nothing does.
    private func merged(_ old: YAMLPart, _ new: YAMLPart, path: [String]) throws(Failure) -> YAMLPart? {
        if old.isNull { return new }
        switch (old.content, new.content) {
        case (.mapping(let own), .mapping(let others)):
            switch listKeys == nil ? nil : Self.directive(in: others) {
            case "delete": return nil
            case "replace":
                var result = new
                result.content = .mapping(others.filter { $0.key?.text != Self.directiveKey })
                return result
            default: break
            }
            var result = old
            result.content = .mapping(
                try merged(own, others.filter { $0.key?.text != Self.directiveKey || listKeys == nil }, path: path)
            )
            result.comment = new.comment ?? old.comment
            return result
        case (.sequence(let own), .sequence(let others)):
            guard let key = listKeys?.key(of: path) else { return replaced(old, by: new) }
            var result = old
            result.content = .sequence(try merged(own, others, by: key, path: path))
            return result
        case (.scalar, .scalar), (.alias, _), (_, .alias): return replaced(old, by: new)
        default:
            let place = path.isEmpty ? "the document" : "\"\(path.joined(separator: "."))\""
            throw Failure(
                description: "wrong node kind: \(place) is \(old.kindName), and \(new.kindName) in a later file"
            )
        }
    }

    private func merged(
        _ own: [YAMLPart.Entry],
        _ others: [YAMLPart.Entry],
        path: [String]
    ) throws(Failure) -> [YAMLPart.Entry] {
        var result = own
        var added: [YAMLPart.Entry] = []
        for other in others {
            let name = other.key?.text ?? ""
            guard let index = result.firstIndex(where: { $0.key?.text == name }) else {
                if !other.value.isNull { added.append(other) }
                continue
            }
            if other.value.isNull {
                result.remove(at: index)
            } else if let value = try merged(result[index].value, other.value, path: path + [name]) {
                result[index].value = value
                if other.head.hasComments { result[index].head = other.head }
                result[index].keyComment = other.keyComment ?? result[index].keyComment
            } else {
                result.remove(at: index)
            }
        }
        return result + added.sorted { ($0.key?.text ?? "") < ($1.key?.text ?? "") }
    }

    /// A node in place of another one, whose quotes and comment it takes over where it may.
    private func replaced(_ old: YAMLPart, by new: YAMLPart) -> YAMLPart {
        var result = new
        result.comment = new.comment ?? old.comment
        guard case .scalar(_, let style, _) = old.content, case .scalar(let value, let newStyle, _?) = new.content,
            new.isText, new.properties.isEmpty, style != newStyle
        else { return result }
        switch style {
        case .plain:
            let text = YAMLEditor.scalarText(of: .string(value))
            if !text.hasPrefix("\"") { result.content = .scalar(value, .plain, token: text) }
        case .doubleQuoted: result.content = .scalar(value, style, token: JSONValue.string(value).text())
        case .singleQuoted where !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value >= 0x7F }):
            let text = value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            result.content = .scalar(value, style, token: "'\(text)'")
        case .singleQuoted, .block: break
        }
        return result
    }

    // MARK: Lists of Kubernetes

    private static let directiveKey = "$patch"

    private static func directive(in entries: [YAMLPart.Entry]) -> String? {
        entries.first { $0.key?.text == directiveKey }?.value.scalarText
    }

    private func merged(
        _ own: [YAMLPart.Entry],
        _ others: [YAMLPart.Entry],
        by key: String,
        path: [String]
    ) throws(Failure) -> [YAMLPart.Entry] {
        var result = own
        for other in others {
            let name = other.value.member(key)?.scalarText
            guard let name, let index = result.firstIndex(where: { $0.value.member(key)?.scalarText == name }) else {
                if Self.directive(in: other.value.entries) != "delete" { result.append(other) }
                continue
            }
            if let value = try merged(result[index].value, other.value, path: path + ["*"]) {
                result[index].value = value
                if other.head.hasComments { result[index].head = other.head }
            } else {
                result.remove(at: index)
            }
        }
        return result
    }
}

extension YAMLPart {
    var entries: [Entry] {
        if case .mapping(let entries) = content { entries } else { [] }
    }

    func member(_ name: String) -> YAMLPart? { entries.first { $0.key?.text == name }?.value }

    var scalarText: String? {
        if case .scalar(let text, _, _) = content { text } else { nil }
    }
}

extension [String] {
    fileprivate var hasComments: Bool { contains { !$0.isEmpty } }
}
