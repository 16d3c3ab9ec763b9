extension ExpressionValue {
    /// How the numbers of a JSON value are taken.
    public enum NumberReading: Sendable {
        /// An integer stays one, as in a document that Go reads as YAML.
        case exact
        /// Every number becomes a floating point number, as in a document that Go reads as JSON.
        case floating
    }

    /// Takes a JSON value.
    public init(_ json: JSONValue, numbers: NumberReading) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = numbers == .exact ? .int(value) : .double(Double(value))
        case .double(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let elements): self = .array(elements.map { ExpressionValue($0, numbers: numbers) })
        case .object(let members):
            self = .map(ExpressionMap(members.mapValues { ExpressionValue($0, numbers: numbers) }))
        }
    }

    /// The JSON value that Go's `encoding/json` would write; bytes become base64.
    ///
    /// - Throws: ``ExpressionError`` for infinity, not-a-number, a function or a map that `groupBy` or `fromPairs`
    ///   made, none of which JSON has, and for a value too large to write down.
    public func jsonValue() throws(ExpressionError) -> JSONValue {
        var conversion = JSONConversion()
        return try conversion.convert(self)
    }

    /// The JSON text that Go's `encoding/json` would write: maps in the order of their keys, structures in that of
    /// their fields, `<`, `>` and `&` escaped.
    ///
    /// - Parameter options: `indented`, or nothing; the others make no difference.
    /// - Returns: The text.
    /// - Throws: As ``jsonValue()``.
    public func jsonText(_ options: JSONValue.SerializationOptions = []) throws(ExpressionError) -> String {
        var budget = ExpressionBudget()
        return try jsonText(options, &budget)
    }

    /// The JSON text of the value, on the budget of an evaluation.
    func jsonText(
        _ options: JSONValue.SerializationOptions,
        _ budget: inout ExpressionBudget
    ) throws(ExpressionError) -> String {
        let size = try ExpressionJSONSize(of: self)
        try budget.spend(steps: size.nodes + size.bytes / ExpressionBudget.bytesPerStep)
        try budget.allocate(bytes: size.bytes)
        var writer = ExpressionJSONWriter(options)
        try writer.write(self)
        // Quotes, escapes and indentation come on top.
        try budget.allocate(bytes: writer.bytes.count - size.bytes)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

/// A value may hold one array in many places, and so be far larger written down than in memory.
private struct JSONConversion {
    var nodeCount = 0
    var byteCount = 0

    mutating func convert(_ value: ExpressionValue) throws(ExpressionError) -> JSONValue {
        nodeCount += 1
        guard nodeCount <= ExpressionBudget.maximumElements, byteCount <= ExpressionBudget.maximumBytes else {
            throw .tooLargeForJSON
        }
        switch value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value):
            guard value.isFinite else { throw ExpressionError("JSON has no \(GoNumber.general(value))") }
            return .double(value)
        case .string(let value):
            byteCount += value.utf8.count
            return .string(value)
        case .bytes(let value):
            byteCount += value.count
            return .string(GoBase64.encode(value))
        case .array(let elements):
            var converted: [JSONValue] = []
            converted.reserveCapacity(elements.count)
            for element in elements { converted.append(try convert(element)) }
            return .array(converted)
        case .map(let map):
            return try convert(map)
        case .time(let time): return .string(try time.jsonText())
        case .duration(let duration): return .int(duration.nanoseconds)
        case .zone: return .object([:])
        case .calendar(let unit): return .int(Int64(unit.number))
        case .unsigned(let value): return Int64(exactly: value).map(JSONValue.int) ?? .double(Double(value))
        case .version(let version): return .string(version.description)
        case .record(let record):
            var members: [String: JSONValue] = [:]
            for field in record.fields { if let name = field.jsonName { members[name] = try convert(field.value) } }
            return .object(members)
        case .function:
            throw ExpressionError("a function can't be written as JSON; call it")
        }
    }

    private mutating func convert(_ map: ExpressionMap) throws(ExpressionError) -> JSONValue {
        switch map.storage {
        case .values(let entries):
            var members: [String: JSONValue] = [:]
            members.reserveCapacity(entries.count)
            for (key, value) in entries {
                byteCount += key.utf8.count
                members[key] = try convert(value)
            }
            return .object(members)
        case .texts(let entries):
            nodeCount += entries.count
            byteCount += entries.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
            return .object(entries.mapValues(JSONValue.string))
        case .keyed:
            throw .keyedMapInJSON
        }
    }
}
