import KargoCore

/// What a schema of the cluster lacks of one that this release ships.
struct SchemaComparison {
    /// A phrase each, in the order of the fields.
    private(set) var differences: [String] = []

    init(of live: JSONValue, with shipped: JSONValue) { compare(live, shipped, FieldPath([])) }

    private mutating func compare(_ live: JSONValue, _ shipped: JSONValue, _ path: FieldPath) {
        if live["x-kubernetes-preserve-unknown-fields"] == true { return }
        if let type = live["type"]?.stringValue, let expected = shipped["type"]?.stringValue, type != expected {
            differences.append("\(path) is of type \(type) in place of \(expected)")
            return
        }
        if let values = live["enum"]?.arrayValue {
            let missing = (shipped["enum"]?.arrayValue ?? []).filter { !values.contains($0) }
            for value in missing { differences.append("\(path) may not be \(value.text())") }
        }
        for (key, field) in (shipped["properties"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            let path = path.appending(key)
            if let live = live[path: "properties", key] ?? live.schemaOfKeys {
                compare(live, field, path)
            } else {
                differences.append("\(path) is missing")
            }
        }
        if let items = shipped["items"], let live = live["items"] { compare(live, items, path.appending(0)) }
        if let values = shipped.schemaOfKeys {
            if let live = live.schemaOfKeys {
                compare(live, values, path.appending("*"))
            } else {
                differences.append("\(path) takes no keys")
            }
        }
    }
}

extension JSONValue {
    /// What holds for all members of a map.
    fileprivate var schemaOfKeys: JSONValue? {
        guard let schema = self["additionalProperties"], schema != false else { return nil }
        return schema
    }
}
