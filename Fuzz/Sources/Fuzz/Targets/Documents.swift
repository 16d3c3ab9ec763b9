import KargoCore

/// JSON and YAML.
enum Documents {
    static func testJSON(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes) else { return }
        for options in [JSONValue.SerializationOptions.sortedKeys, [.sortedKeys, .indented], .htmlSafe] {
            let text = value.serialized(options)
            check(value.isSame(as: try? JSONValue(parsing: text)), "JSON does not read back: \(value)")
        }
        let yaml = value.yaml()
        check(value.isSame(as: try? JSONValue(yaml: yaml)), "YAML does not read back: \(yaml)")
        testAsYAML(value)
        let decoded = try? JSONValueDecoder().decode(Promotion.self, from: value)
        guard let decoded else { return }
        do {
            let encoded = try JSONValueEncoder().encode(decoded)
            let again = try JSONValueEncoder().encode(JSONValueDecoder().decode(Promotion.self, from: encoded))
            check(encoded == again, "a Promotion changes as it is written: \(encoded), \(again)")
        } catch {
            fatalError("a Promotion does not read back: \(error)")
        }
    }

    /// What `asYAML` writes of a document reads back as the document.
    private static func testAsYAML(_ document: JSONValue) {
        let environment = Surroundings.environment(adding: ExpressionValue(document, numbers: .exact))
        switch Outcome({ try await Surroundings.asYAML.evaluate(in: environment) }) {
        case .success(.string(let text)):
            check(document.isSame(as: try? JSONValue(yaml: text)), "asYAML does not read back: \(text)")
        case .success(let other):
            fatalError("asYAML gives no string: \(other)")
        case .failure(let error):
            check(error.code == .limit, "asYAML fails: \(error)")
        }
    }

    static func testYAML(_ text: String) {
        guard let documents = try? JSONValue.documents(inYAML: text, duplicateKeys: .lastWins) else { return }
        for document in documents {
            let yaml = document.yaml()
            check(document.isSame(as: try? JSONValue(yaml: yaml)), "YAML does not read back: \(yaml)")
        }
        guard let first = try? YAMLNode.firstDocument(in: text) else { return }
        for path in paths(first, []).prefix(8) {
            for value in ["new", "a: b # c", 1, true, nil, "-\n  x", ""] as [JSONValue] { edit(text, path, value) }
        }
    }

    /// The ways to the scalars of a document, aliases aside.
    private static func paths(_ node: YAMLNode, _ path: [String]) -> [[String]] {
        switch node.content {
        case .alias: []
        case .scalar: [path]
        case .sequence(let nodes): nodes.prefix(8).enumerated().flatMap { paths($1, path + [String($0)]) }
        case .mapping(let entries):
            entries.prefix(8)
                .flatMap { entry -> [[String]] in
                    guard case .scalar(let key, _) = entry.key.content else { return [] }
                    return paths(entry.value, path + [key])
                }
        }
    }

    private static func edit(_ text: String, _ path: [String], _ value: JSONValue) {
        let update = YAMLEditor.Update(path: path, value: value)
        guard let edited = try? YAMLEditor.apply([update], to: text) else { return }
        guard let again = try? YAMLEditor.apply([update], to: edited) else {
            fatalError("an edited text can't be edited: \(edited)")
        }
        check(again == edited, "a second edit changes more: \(edited), \(again)")
    }
}
