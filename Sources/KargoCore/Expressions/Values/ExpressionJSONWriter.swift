/// Writes values as Go's `encoding/json` does: maps in the order of their keys, structures in that of their fields.
///
/// An ``ExpressionJSONSize`` must have been taken of the value before.
struct ExpressionJSONWriter {
    private let isIndented: Bool
    private var level = 0
    private(set) var bytes: [UInt8] = []

    init(_ options: JSONValue.SerializationOptions) { isIndented = options.contains(.indented) }

    mutating func write(_ value: ExpressionValue) throws(ExpressionError) {
        guard bytes.count <= ExpressionBudget.maximumBytes else { throw .tooLargeForJSON }
        switch value {
        case .string(let text): write(text)
        case .int(let value): bytes += String(value).utf8
        case .unsigned(let value): bytes += String(value).utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .array(let elements):
            try writeItems(elements, "[", "]") { (writer, element) throws(ExpressionError) in
                try writer.write(element)
            }
        case .map(let map):
            if case .keyed = map.storage { throw .keyedMapInJSON }
            try writeItems(map.sortedEntries, "{", "}") { (writer, entry) throws(ExpressionError) in
                try writer.writeMember(entry.key.stringValue ?? "", entry.value)
            }
        case .record(let record):
            try writeItems(record.fields.filter { $0.jsonName != nil }, "{", "}") {
                (writer, field) throws(ExpressionError) in
                try writer.writeMember(field.jsonName ?? "", field.value)
            }
        default:
            bytes += try value.jsonValue().serialized()
        }
    }

    private mutating func write(_ text: String) { bytes += JSONValue.string(text).serialized(.htmlSafe) }

    private mutating func writeMember(_ name: String, _ value: ExpressionValue) throws(ExpressionError) {
        write(name)
        bytes.append(UInt8(ascii: ":"))
        if isIndented { bytes.append(0x20) }
        try write(value)
    }

    private mutating func writeItems<Item>(
        _ items: [Item],
        _ open: Unicode.Scalar,
        _ close: Unicode.Scalar,
        _ write: (inout ExpressionJSONWriter, Item) throws(ExpressionError) -> Void
    ) throws(ExpressionError) {
        bytes.append(UInt8(ascii: open))
        level += 1
        for (index, item) in items.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            breakLine()
            try write(&self, item)
        }
        level -= 1
        if !items.isEmpty { breakLine() }
        bytes.append(UInt8(ascii: close))
    }

    private mutating func breakLine() {
        guard isIndented else { return }
        bytes.append(0x0A)
        bytes += repeatElement(0x20, count: level * 2)
    }
}

extension ExpressionError {
    /// JSON has only strings as keys.
    static let keyedMapInJSON = ExpressionError(
        "the map that groupBy or fromPairs makes can't be written as JSON; take its values"
    )

    static let tooLargeForJSON = ExpressionError(.limit, "the value is too large to be written as JSON")
}

extension GoTime {
    /// The text of RFC 3339 with as many digits as needed, which Go refuses for years that it can't write.
    func jsonText() throws(ExpressionError) -> String {
        guard (0...9999).contains(civil.year), period.offset.magnitude < 86_400 else {
            throw ExpressionError("JSON has only times of the years 0 to 9999")
        }
        return formatted(.json)
    }
}
