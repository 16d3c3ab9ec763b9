import KargoCore

/// Variables that a file gives to expressions.
enum EnvironmentFile {
    private static let expectation = "expected a map of variables, such as \"vars: {image: nginx}\""

    /// The variables of several files; of two with one name the later counts.
    ///
    /// - Throws: ``CommandError`` that names the file and the line.
    static func variables(in files: [InputFile]) throws(CommandError) -> [String: ExpressionValue] {
        var variables: [String: ExpressionValue] = [:]
        for file in files {
            try variables.merge(Self.variables(in: file.text(), of: file.name)) { $1 }
        }
        return variables
    }

    /// The variables of a text: YAML of one document, or JSON; nothing else than that in a file that ends in `.json`.
    ///
    /// Integers stay such; a number with a fraction, if only `.0`, is a floating point number.
    static func variables(in text: String, of file: String) throws(CommandError) -> [String: ExpressionValue] {
        do {
            let members = try file.hasSuffix(".json") ? members(ofJSON: text) : members(ofYAML: text)
            return members.mapValues { ExpressionValue($0, numbers: .exact) }
        } catch {
            throw CommandError("\(file): \(error)")
        }
    }

    private static func members(ofJSON text: String) throws(SyntaxError) -> [String: JSONValue] {
        let value = try JSONValue(parsing: text)
        guard case .object(let members) = value else {
            throw SyntaxError(message: "\(expectation), found \(value.typeName)", line: 1, column: 1)
        }
        return members
    }

    private static func members(ofYAML text: String) throws(SyntaxError) -> [String: JSONValue] {
        // Not all JSON is YAML: libyaml takes no tab at the beginning of a line.
        if text.first(where: { !$0.isWhitespace }) == "{", case .object(let members)? = try? JSONValue(parsing: text) {
            return members
        }
        let documents = try YAMLNode.documents(in: text)
        if documents.count > 1 { throw error("expected one document, found another", at: documents[1]) }
        guard let document = documents.first else { return [:] }
        // Reading it as it is refuses one that grows without bounds by way of aliases.
        _ = try document.jsonValue(duplicateKeys: .lastWins)
        switch try document.withTextKeys.jsonValue() {
        case .object(let members): return members
        // A file of comments.
        case .null: return [:]
        case let other: throw error("\(expectation), found \(other.typeName)", at: document)
        }
    }

    private static func error(_ message: String, at node: YAMLNode) -> SyntaxError {
        SyntaxError(message: message, line: node.start.line, column: node.start.column)
    }
}

extension YAMLNode {
    /// The node with keys that are names as they stand: to YAML 1.1, `y` and `on` are Booleans.
    fileprivate var withTextKeys: YAMLNode {
        var node = self
        switch content {
        case .scalar: break
        case .alias(let target): node.content = .alias(target.withTextKeys)
        case .sequence(let elements): node.content = .sequence(elements.map(\.withTextKeys))
        case .mapping(let entries):
            node.content = .mapping(
                entries.map { entry in
                    var entry = entry
                    if case .scalar(let text, isPlain: true) = entry.key.content, text != "<<" {
                        entry.key.content = .scalar(text, isPlain: false)
                    }
                    entry.value = entry.value.withTextKeys
                    return entry
                }
            )
        }
        return node
    }
}
