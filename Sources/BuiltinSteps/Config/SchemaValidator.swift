import KargoCore

/// Checks a value against a JSON Schema of draft 2020-12, as far as the schemas of steps use it.
///
/// Reasons are worded as gojsonschema words them, because users of Kargo know them. A keyword that is not known says
/// nothing.
struct SchemaValidator {
    private let root: JSONValue
    private(set) var problems: [SchemaProblem] = []

    init(root: JSONValue) { self.root = root }

    mutating func validate(_ value: JSONValue, _ schema: JSONValue, at path: [String]) {
        if let reference = schema["$ref"]?.stringValue, let target = resolve(reference) {
            validate(value, target, at: path)
        }
        let types = schema["type"].map { $0.arrayValue ?? [$0] }?.compactMap(\.stringValue) ?? []
        guard types.isEmpty || types.contains(where: value.isOfSchemaType) else {
            let expected = types.count == 1 ? types[0] : "[\(types.joined(separator: ","))]"
            report("Invalid type. Expected: \(expected), given: \(value.schemaTypeName)", at: path)
            return
        }
        validateCombinations(value, schema, at: path)
        validateChoice(value, schema, at: path)
        switch value {
        case .string(let text): validateText(text, schema, at: path)
        case .array(let elements): validateElements(elements, schema, at: path)
        case .object(let members): validateMembers(members, schema, at: path)
        case .int(let number): validateNumber(Double(number), schema, at: path)
        case .double(let number): validateNumber(number, schema, at: path)
        case .null, .bool: break
        }
    }

    private mutating func report(_ reason: String, at path: [String]) {
        problems.append(SchemaProblem(path: path, reason: reason))
    }

    /// What a reference within the schema points to.
    private func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        return reference.dropFirst().split(separator: "/").reduce(root) { value, name in value?[String(name)] }
    }

    // MARK: Keywords

    private mutating func validateCombinations(_ value: JSONValue, _ schema: JSONValue, at path: [String]) {
        for part in schema["allOf"]?.arrayValue ?? [] { validate(value, part, at: path) }
        if let parts = schema["anyOf"]?.arrayValue {
            let results = parts.map { problems(of: value, $0, at: path) }
            if !results.contains(where: \.isEmpty) {
                report("Must validate at least one schema (anyOf)", at: path)
                problems += results.min { $0.count < $1.count } ?? []
            }
        }
        if let parts = schema["oneOf"]?.arrayValue {
            let results = parts.map { problems(of: value, $0, at: path) }
            let fitting = results.filter(\.isEmpty)
            if fitting.count != 1 {
                report("Must validate one and only one schema (oneOf)", at: path)
                if fitting.isEmpty { problems += results.min { $0.count < $1.count } ?? [] }
            }
        }
        if let part = schema["not"], problems(of: value, part, at: path).isEmpty {
            report("Must not validate the schema (not)", at: path)
        }
    }

    private func problems(of value: JSONValue, _ schema: JSONValue, at path: [String]) -> [SchemaProblem] {
        var validator = SchemaValidator(root: root)
        validator.validate(value, schema, at: path)
        return validator.problems
    }

    private mutating func validateChoice(_ value: JSONValue, _ schema: JSONValue, at path: [String]) {
        let field = path.last ?? "(root)"
        if let choices = schema["enum"]?.arrayValue, !choices.contains(value) {
            let allowed = choices.map { $0.text() }.joined(separator: ", ")
            report("\(field) must be one of the following: \(allowed)", at: path)
        }
        if let constant = schema["const"], constant != value {
            report("\(field) does not match: \(constant.text())", at: path)
        }
    }

    private mutating func validateText(_ text: String, _ schema: JSONValue, at path: [String]) {
        if let minimum = schema["minLength"]?.intValue, text.unicodeScalars.count < minimum {
            report("String length must be greater than or equal to \(minimum)", at: path)
        }
        guard let pattern = schema["pattern"]?.stringValue else { return }
        do throws(RegularExpressionError) {
            if try !RegularExpression(pattern).matches(text) { report("Does not match pattern '\(pattern)'", at: path) }
        } catch {
            report("The schema's pattern is malformed: \(error)", at: path)
        }
    }

    private mutating func validateNumber(_ number: Double, _ schema: JSONValue, at path: [String]) {
        if let minimum = schema["minimum"]?.intValue, number < Double(minimum) {
            report("Must be greater than or equal to \(minimum)", at: path)
        }
        if let maximum = schema["maximum"]?.intValue, number > Double(maximum) {
            report("Must be less than or equal to \(maximum)", at: path)
        }
    }

    private mutating func validateElements(_ elements: [JSONValue], _ schema: JSONValue, at path: [String]) {
        if let minimum = schema["minItems"]?.intValue, elements.count < minimum {
            report("Array must have at least \(minimum) items", at: path)
        }
        if let maximum = schema["maxItems"]?.intValue, elements.count > maximum {
            report("Array must have at most \(maximum) items", at: path)
        }
        if schema["uniqueItems"] == true, Set(elements).count < elements.count {
            report("array items must be unique", at: path)
        }
        guard let items = schema["items"] else { return }
        for (index, element) in elements.enumerated() { validate(element, items, at: path + [String(index)]) }
    }

    private mutating func validateMembers(_ members: [String: JSONValue], _ schema: JSONValue, at path: [String]) {
        for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where members[name] == nil {
            report("\(name) is required", at: path)
        }
        if let minimum = schema["minProperties"]?.intValue, members.count < minimum {
            report("Must have at least \(minimum) properties", at: path)
        }
        let properties = schema["properties"]?.objectValue ?? [:]
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let property = properties[name] {
                validate(value, property, at: path + [name])
            } else if schema["additionalProperties"] == false {
                report("Additional property \(name) is not allowed", at: path)
            } else if let others = schema["additionalProperties"] {
                validate(value, others, at: path + [name])
            }
        }
    }
}

extension JSONValue {
    /// What JSON Schema calls this kind of value; `1.0` is an integer there.
    fileprivate var schemaTypeName: String {
        if case .double(let number) = self, number == number.rounded() { "integer" } else { typeName }
    }

    fileprivate func isOfSchemaType(_ name: String) -> Bool {
        schemaTypeName == name || name == "number" && schemaTypeName == "integer"
    }
}
