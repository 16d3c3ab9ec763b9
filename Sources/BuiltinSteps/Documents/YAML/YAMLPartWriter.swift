import KargoCore

/// Writes parts as YAML: indented by two columns, lists below their keys.
struct YAMLPartWriter {
    private var text = ""

    /// The text of a document.
    static func text(of document: YAMLPartDocument) -> String {
        var writer = YAMLPartWriter()
        writer.writeRoot(document.root)
        for line in document.foot { writer.text += line + "\n" }
        return writer.text
    }

    private mutating func writeRoot(_ root: YAMLPart) {
        switch root.content {
        case .mapping(let entries) where isBlock(root):
            if !root.properties.isEmpty { text += "--- " + root.properties + "\n" }
            writeEntries(entries, indent: 0)
        case .sequence(let entries) where isBlock(root):
            if !root.properties.isEmpty { text += "--- " + root.properties + "\n" }
            writeItems(entries, indent: 0)
        default: writeInline(root, indent: 0, separator: "")
        }
    }

    /// Whether a collection takes lines of its own.
    private func isBlock(_ part: YAMLPart) -> Bool {
        switch part.content {
        case .mapping(let entries), .sequence(let entries): !part.isFlow && !entries.isEmpty
        case .scalar, .alias: false
        }
    }

    // MARK: Blocks

    private mutating func writeEntries(_ entries: [YAMLPart.Entry], indent: Int, isFirstInLine: Bool = false) {
        var isInLine = isFirstInLine
        for entry in entries {
            if !isInLine {
                writeHead(entry.head, indent: indent)
                text += margin(indent)
            }
            isInLine = false
            text += (entry.key?.token ?? "") + ":"
            writeValue(entry, indent: indent)
        }
    }

    private mutating func writeValue(_ entry: YAMLPart.Entry, indent: Int) {
        let value = entry.value
        guard isBlock(value) else {
            var value = value
            value.comment = value.comment ?? entry.keyComment
            writeInline(value, indent: indent, separator: " ")
            return
        }
        if !value.properties.isEmpty { text += " " + value.properties }
        if let comment = entry.keyComment ?? value.comment { text += " " + comment }
        text += "\n"
        switch value.content {
        case .mapping(let entries): writeEntries(entries, indent: indent + 2)
        case .sequence(let entries): writeItems(entries, indent: indent)
        case .scalar, .alias: break
        }
    }

    private mutating func writeItems(_ items: [YAMLPart.Entry], indent: Int, isFirstInLine: Bool = false) {
        var isInLine = isFirstInLine
        for item in items {
            let value = item.value
            let startsInLine = isBlock(value) && value.properties.isEmpty && value.comment == nil
            if !isInLine {
                var head = item.head
                if startsInLine { head += Self.innerHead(of: value) }
                writeHead(head, indent: indent)
                text += margin(indent)
            }
            isInLine = false
            text += "-"
            guard isBlock(value) else {
                writeInline(value, indent: indent, separator: " ")
                continue
            }
            if startsInLine {
                text += " "
            } else {
                if !value.properties.isEmpty { text += " " + value.properties }
                if let comment = value.comment { text += " " + comment }
                text += "\n"
            }
            switch value.content {
            case .mapping(let entries): writeEntries(entries, indent: indent + 2, isFirstInLine: startsInLine)
            case .sequence(let items): writeItems(items, indent: indent + 2, isFirstInLine: startsInLine)
            case .scalar, .alias: break
            }
        }
    }

    /// What stands above the first entry of a collection that begins in the line of its dash.
    private static func innerHead(of part: YAMLPart) -> [String] {
        switch part.content {
        case .mapping(let entries): return entries.first?.head ?? []
        case .sequence(let items):
            guard let first = items.first else { return [] }
            return first.head + (first.value.isFlow ? [] : innerHead(of: first.value))
        case .scalar, .alias: return []
        }
    }

    private mutating func writeHead(_ lines: [String], indent: Int) {
        for line in lines where !(line.isEmpty && text.isEmpty) {
            text += (line.isEmpty ? "" : margin(indent) + line) + "\n"
        }
    }

    private func margin(_ indent: Int) -> String { String(repeating: " ", count: indent) }

    // MARK: Lines

    /// Writes what begins in this line.
    private mutating func writeInline(_ part: YAMLPart, indent: Int, separator: String) {
        if case .scalar(_, .block(let header, let lines), token: nil) = part.content {
            text += separator + (part.properties.isEmpty ? "" : part.properties + " ") + header
            if let comment = part.comment { text += " " + comment }
            text += "\n"
            for line in lines { text += (line.isEmpty ? "" : margin(indent + 2) + line) + "\n" }
            return
        }
        let written = flow(part, isInFlow: false)
        text += (written.isEmpty ? "" : separator) + written
        if let comment = part.comment { text += " " + comment }
        text += "\n"
    }

    private func flow(_ part: YAMLPart, isInFlow: Bool) -> String {
        let properties = part.properties
        let body: String =
            switch part.content {
            case .alias(let name): "*" + name
            case .scalar(let value, let style, let token): scalar(value, style, token, part, isInFlow: isInFlow)
            case .sequence(let items): "[" + items.map { flow($0.value, isInFlow: true) }.joined(separator: ", ") + "]"
            case .mapping(let entries):
                "{"
                    + entries.map { ($0.key?.token ?? "") + ": " + flow($0.value, isInFlow: true) }
                    .joined(separator: ", ") + "}"
            }
        return properties.isEmpty || body.isEmpty ? properties + body : properties + " " + body
    }

    private func scalar(
        _ value: String,
        _ style: YAMLPart.Style,
        _ token: String?,
        _ part: YAMLPart,
        isInFlow: Bool
    ) -> String {
        if let token, style != .plain || !isInFlow { return token }
        if let token, !token.isEmpty, !token.utf8.contains(where: { ",[]{}:?".utf8.contains($0) }) { return token }
        if part.isNull { return "null" }
        // Quotes of JSON are quotes of YAML.
        return part.isText && style == .plain && !isInFlow
            ? YAMLEditor.scalarText(of: .string(value)) : JSONValue.string(value).text()
    }
}
