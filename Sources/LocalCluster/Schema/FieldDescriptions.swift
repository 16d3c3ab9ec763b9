import KargoCore

/// What built-in kinds and their fields are for, in a sentence each, as `kubectl explain` prints it.
///
/// The texts are read when somebody asks for a schema for the first time.
enum FieldDescriptions {
    /// What stands for the type itself.
    private static let ofType = "."
    /// The type that says the rest.
    private static let other = "="
    /// The names of the fields that an object of the type must have, with spaces between them.
    private static let required = "!"
    /// What is said of fields of a name wherever their type says nothing.
    private static let anywhere = "*"

    /// The texts by type and field.
    static let all: [String: [String: String]] = {
        let text = String(decoding: PackageResources.fields_yaml, as: UTF8.self)
        let types = (try? JSONValue(yaml: text))?.objectValue ?? [:]
        return types.mapValues { ($0.objectValue ?? [:]).compactMapValues(\.stringValue) }
    }()

    /// What a field is for.
    static func text(of field: String, in type: String) -> String? {
        let own = all[type]
        return own?[field] ?? own?[other].flatMap { all[$0]?[field] } ?? all[anywhere]?[field]
    }

    /// Adds to a schema and its fields what they lack.
    static func describe(_ schema: inout JSONValue, as type: String) {
        if schema["required"] == nil, let names = all[type]?[required] {
            schema["required"] = .array(names.split(separator: " ").map { .string(String($0)) })
        }
        if schema["description"] == nil, let text = all[type]?[ofType] { schema["description"] = .string(text) }
        for (name, property) in schema["properties"]?.objectValue ?? [:] where property["description"] == nil {
            schema[path: "properties", name] = described(property, text(of: name, in: type))
        }
    }

    /// A field's schema with a text; beside a reference nothing may stand.
    static func described(_ schema: JSONValue, _ text: String?) -> JSONValue {
        guard let text else { return schema }
        var schema: JSONValue = schema["$ref"] == nil ? schema : ["allOf": [schema]]
        schema["description"] = .string(text)
        return schema
    }
}
