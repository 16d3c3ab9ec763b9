import KargoCore

/// Values as JSON, in files and on lines.
enum StoredValue {
    /// A value as one line of JSON, without its end.
    static func line(_ value: some Encodable) throws -> [UInt8] {
        try JSONValueEncoder().encode(value).serialized(.sortedKeys)
    }

    /// The value of a line.
    static func decode<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws -> Value {
        try JSONValueDecoder().decode(type, from: JSONValue(parsing: line))
    }

    /// Writes a value into a file in one step.
    static func write(_ value: some Encodable, to path: String) throws {
        try FileSystem.replace(path, with: line(value))
    }

    /// The value of a file; nil where there is no file.
    static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws -> Value? {
        guard FileSystem.exists(path) else { return nil }
        return try decode(type, from: FileSystem.read(path))
    }
}
