/// Whether a schema makes sense.
extension SchemaValidator {
    private static let types: Set<String> = ["array", "boolean", "integer", "null", "number", "object", "string"]
    private static let parts = [
        "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then",
    ]
    private static let lists = ["allOf", "anyOf", "oneOf", "prefixItems"]
    private static let maps = ["$defs", "dependentSchemas", "patternProperties", "properties"]
    private static let numbers = [
        "exclusiveMaximum", "exclusiveMinimum", "maxContains", "maxItems", "maxLength", "maxProperties", "maximum",
        "minContains", "minItems", "minLength", "minProperties", "minimum", "multipleOf",
    ]

    /// Checks what would otherwise be found out only with a value in hand.
    ///
    /// - Parameters:
    ///   - schema: The schema.
    ///   - path: Where it stands.
    /// - Throws: `FieldError` for the first keyword that is wrong. One that is not known is not.
    package static func check(_ schema: JSONValue, at path: FieldPath) throws(FieldError) {
        try SchemaValidator(root: schema).check(schema, at: path)
    }

    private func check(_ schema: JSONValue, at path: FieldPath) throws(FieldError) {
        if schema.boolValue != nil { return }
        guard let keywords = schema.objectValue else {
            throw FieldError(path: path, message: "must be a JSON Schema: a mapping, true or false")
        }
        for type in schema["type"].map({ $0.arrayValue ?? [$0] }) ?? [] {
            guard let name = type.stringValue, Self.types.contains(name) else {
                let names = Self.types.sorted().joined(separator: ", ")
                throw FieldError(path: path.appending("type"), message: "must be one of \(names), not \(type.text())")
            }
        }
        for name in Self.numbers {
            guard let value = keywords[name], value.schemaNumber == nil else { continue }
            throw FieldError(path: path.appending(name), message: "must be a number, not \(value.text())")
        }
        if let names = schema["required"], names.arrayValue?.allSatisfy({ $0.stringValue != nil }) != true {
            throw FieldError(path: path.appending("required"), message: "must be a list of names")
        }
        if let reference = schema["$ref"], reference.stringValue.flatMap(resolve) == nil {
            throw FieldError(
                path: path.appending("$ref"),
                message: "must lead to a place in this schema, such as \"#/$defs/name\", not \(reference.text())"
            )
        }
        if let pattern = schema["pattern"] { try checkPattern(pattern, at: path.appending("pattern")) }
        for pattern in (schema["patternProperties"]?.objectValue ?? [:]).keys.sorted() {
            try checkPattern(.string(pattern), at: path.appending("patternProperties"))
        }
        try checkParts(of: schema, at: path)
    }

    private func checkParts(of schema: JSONValue, at path: FieldPath) throws(FieldError) {
        for name in Self.parts {
            if let part = schema[name] { try check(part, at: path.appending(name)) }
        }
        for name in Self.lists {
            guard let list = schema[name] else { continue }
            guard let parts = list.arrayValue else {
                throw FieldError(path: path.appending(name), message: "must be a list of schemas")
            }
            for (index, part) in parts.enumerated() { try check(part, at: path.appending(name).appending(index)) }
        }
        for name in Self.maps {
            guard let map = schema[name] else { continue }
            guard let parts = map.objectValue else {
                throw FieldError(path: path.appending(name), message: "must be a mapping of names to schemas")
            }
            for (key, part) in parts.sorted(by: { $0.key < $1.key }) {
                try check(part, at: path.appending(name).appending(key))
            }
        }
    }

    private func checkPattern(_ value: JSONValue, at path: FieldPath) throws(FieldError) {
        guard let pattern = value.stringValue else {
            throw FieldError(path: path, message: "must be a regular expression, not \(value.text())")
        }
        do throws(RegularExpressionError) {
            _ = try RegularExpression(pattern)
        } catch {
            throw FieldError(path: path, message: "\"\(pattern)\" is malformed: \(error)")
        }
    }
}
