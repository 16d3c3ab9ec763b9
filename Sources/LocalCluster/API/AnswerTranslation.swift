import KargoCore

/// Gives the objects of an answer another form: another version of their kind, or another kind.
struct AnswerTranslation: Sendable {
    /// The kind of the objects.
    var kind: String
    /// The version of the objects and of their list.
    var apiVersion: String
    /// Changes what is not the version.
    var change: @Sendable (inout JSONValue) -> Void = { _ in }

    /// The objects of a version that is not the only one of its kind.
    init(_ definition: ResourceDefinition, change: @escaping @Sendable (inout JSONValue) -> Void = { _ in }) {
        kind = definition.kind
        apiVersion = definition.apiVersion
        self.change = change
    }

    func apply(to answer: APIAnswer) -> APIAnswer {
        var answer = answer
        switch answer.body {
        case .whole(let bytes):
            guard answer.status < 300, var value = try? JSONValue(parsing: bytes) else { break }
            translate(&value)
            answer.body = .whole(value.serialized())
        case .stream(let produce):
            answer.body = .stream { write in
                // Watches write whole lines, each of them an event.
                try await produce { bytes in
                    var lines: [UInt8] = []
                    for line in bytes.split(separator: 0x0A) { lines += translated(event: Array(line)) + [0x0A] }
                    try await write(lines)
                }
            }
        }
        return answer
    }

    private func translate(_ value: inout JSONValue) {
        switch value["kind"]?.stringValue {
        case kind:
            change(&value)
            value["apiVersion"] = .string(apiVersion)
        case "\(kind)List":
            value["apiVersion"] = .string(apiVersion)
            value["items"] = value["items"]?.arrayValue.map { .array($0.map(translated)) }
        case "Table":
            let rows = value["rows"]?.arrayValue?
                .map { row -> JSONValue in
                    var row = row
                    row["object"] = row["object"].map(translated)
                    return row
                }
            value["rows"] = rows.map(JSONValue.array)
        default: break
        }
    }

    private func translated(event line: [UInt8]) -> [UInt8] {
        guard var event = try? JSONValue(parsing: line), var object = event["object"] else { return line }
        translate(&object)
        event["object"] = object
        return event.serialized()
    }

    private func translated(_ value: JSONValue) -> JSONValue {
        var value = value
        // The elements of a list of a kind that is not custom may come without their kind.
        if value["kind"] == nil { value["kind"] = .string(kind) }
        translate(&value)
        return value
    }
}
