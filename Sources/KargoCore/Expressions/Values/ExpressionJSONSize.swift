/// How large a value is at least once it is written as JSON, found out without writing it.
///
/// A value may hold one array in many places, and so be far larger written down than in memory.
struct ExpressionJSONSize {
    /// How many values there are in it, itself included.
    private(set) var nodes = 0
    private(set) var bytes = 0

    /// Measures a value.
    ///
    /// - Throws: ``ExpressionError`` with the code `limit` if it is too large to be written.
    init(of value: ExpressionValue) throws(ExpressionError) { try add(value) }

    private mutating func add(_ value: ExpressionValue) throws(ExpressionError) {
        switch value {
        case .string(let text): try count(bytes: text.utf8.count)
        case .bytes(let bytes): try count(bytes: bytes.count)
        case .array(let elements):
            try count(bytes: elements.count)
            for element in elements { try add(element) }
        case .map(let map):
            try count(bytes: map.count)
            try add(map)
        case .record(let record):
            try count(bytes: record.fields.count)
            for field in record.fields where field.jsonName != nil { try add(field.value) }
        case .null, .bool, .int, .double, .time, .duration, .zone, .calendar, .unsigned, .version, .function:
            try count(bytes: 1)
        }
    }

    private mutating func add(_ map: ExpressionMap) throws(ExpressionError) {
        switch map.storage {
        case .values(let entries):
            for (key, value) in entries {
                bytes += key.utf8.count
                try add(value)
            }
        case .texts(let entries):
            for (key, text) in entries { try count(bytes: key.utf8.count + text.utf8.count) }
        case .keyed:
            throw .keyedMapInJSON
        }
    }

    private mutating func count(bytes count: Int) throws(ExpressionError) {
        nodes += 1
        bytes += count
        guard nodes <= ExpressionBudget.maximumElements, bytes <= ExpressionBudget.maximumBytes else {
            throw .tooLargeForJSON
        }
    }
}
