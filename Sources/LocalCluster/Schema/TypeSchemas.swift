import KargoCore

/// The schemas of Swift types as OpenAPI has them, learnt from what their decoding asks for.
///
/// A type that has members of its own gets a name; others refer to it, so that a type may contain itself.
final class TypeSchemas {
    /// The schemas of all types met so far, by name.
    private(set) var named: [String: JSONValue] = [:]
    private var underway: Set<String> = []

    /// The schema of a type as a value of its own.
    func schema<T: Decodable>(of type: T.Type) -> JSONValue {
        switch type {
        case is JSONValue.Type: return ["x-kubernetes-preserve-unknown-fields": true]
        case is IntOrString.Type: return ["type": "string", "format": "int-or-string"]
        case is Quantity.Type: return ["type": "string"]
        case is KubernetesTime.Type, is KubernetesMicroTime.Type: return ["type": "string", "format": "date-time"]
        default: break
        }
        let name = Self.name(of: type)
        let reference: JSONValue = ["$ref": .string("#/components/schemas/\(name)")]
        if named[name] != nil || underway.contains(name) { return reference }
        underway.insert(name)
        defer { underway.remove(name) }
        let schema = members(of: type)
        guard schema["properties"] != nil else { return schema }
        named[name] = schema
        return reference
    }

    /// The schema of a type, with its members in place.
    func members<T: Decodable>(of type: T.Type) -> JSONValue {
        let notes = SchemaNotes(self)
        // What it asked for is known even if it does not take the empty values it gets.
        _ = try? T(from: SchemaDecoder(notes: notes))
        var schema = notes.schema
        FieldDescriptions.describe(&schema, as: String(describing: type))
        return schema
    }

    private static func name<T>(of type: T.Type) -> String {
        let metadata: Set<String> = [
            "ObjectMeta", "OwnerReference", "ManagedFieldsEntry", "LabelSelector", "LabelSelectorRequirement",
            "Condition",
        ]
        let name = String(describing: type)
        return (metadata.contains(name) ? "io.k8s.apimachinery.pkg.apis.meta.v1." : "io.k8s.api.core.v1.") + name
    }
}

/// What is learnt of one type.
private final class SchemaNotes {
    let schemas: TypeSchemas
    var schema: JSONValue = [:]

    init(_ schemas: TypeSchemas) { self.schemas = schemas }

    /// Notes that a type asks for a member, whatever its name is where the type is a dictionary.
    func member<T: Decodable>(_ name: String, _ type: T.Type) {
        schema["type"] = "object"
        let member = schemas.schema(of: type)
        if name == SchemaKey.anyName {
            schema["additionalProperties"] = member
        } else {
            schema[path: "properties", name] = member
        }
    }
}

private struct SchemaKey: CodingKey {
    /// Stands for every key of a dictionary.
    static let anyName = "*"

    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// A type wants a value that there is none of.
private struct NoValue: Error {}

private struct SchemaDecoder: Decoder {
    let notes: SchemaNotes

    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        notes.schema["type"] = "object"
        return KeyedDecodingContainer(SchemaMembers(notes: notes))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        notes.schema["type"] = "array"
        return SchemaElements(notes: notes)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { SchemaValue(notes: notes) }
}

private struct SchemaMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let notes: SchemaNotes

    var codingPath: [any CodingKey] { [] }
    /// A dictionary asks for its keys; no other type does.
    var allKeys: [Key] { [Key(stringValue: SchemaKey.anyName)].compactMap(\.self) }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        notes.member(key.stringValue, type)
        return try T(from: SchemaDecoder(notes: SchemaNotes(notes.schemas)))
    }

    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) -> T? {
        notes.member(key.stringValue, type)
        return nil
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw NoValue() }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw NoValue() }
    func superDecoder() -> any Decoder { SchemaDecoder(notes: notes) }
    func superDecoder(forKey key: Key) -> any Decoder { SchemaDecoder(notes: notes) }
}

/// A list of one element.
private struct SchemaElements: UnkeyedDecodingContainer {
    let notes: SchemaNotes
    var currentIndex = 0

    init(notes: SchemaNotes) { self.notes = notes }

    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var isAtEnd: Bool { currentIndex > 0 }

    mutating func decodeNil() -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        notes.schema["items"] = notes.schemas.schema(of: type)
        return try T(from: SchemaDecoder(notes: SchemaNotes(notes.schemas)))
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> { throw NoValue() }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NoValue() }
    mutating func superDecoder() -> any Decoder { SchemaDecoder(notes: notes) }
}

private struct SchemaValue: SingleValueDecodingContainer {
    let notes: SchemaNotes

    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }

    private func note(_ type: JSONValue, _ format: JSONValue? = nil) {
        notes.schema["type"] = type
        notes.schema["format"] = format
    }

    func decode(_ type: Bool.Type) -> Bool {
        note("boolean")
        return false
    }

    func decode(_ type: String.Type) -> String {
        note("string")
        return ""
    }

    func decode(_ type: Double.Type) -> Double {
        note("number")
        return 0
    }

    func decode(_ type: Int32.Type) -> Int32 {
        note("integer", "int32")
        return 0
    }

    func decode(_ type: Int64.Type) -> Int64 {
        note("integer", "int64")
        return 0
    }

    func decode(_ type: Int.Type) -> Int {
        note("integer", "int64")
        return 0
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: SchemaDecoder(notes: notes)) }
}
