/// Checks a value against a JSON Schema of draft 2020-12, as far as the schemas of steps use it.
///
/// Reasons are worded as gojsonschema words them, because users of Kargo know them. A keyword that is not known says
/// nothing; `format` is checked, as there.
package struct SchemaValidator {
    /// More problems than these say nothing new.
    private static let maximumProblems = 100
    /// How many pairs of a value and a schema are looked at; each step's configuration needs far fewer.
    private static let maximumChecks = 100_000
    /// How deep schemas stand within schemas; a `$ref` to itself ends here.
    private static let maximumDepth = 256

    private let root: JSONValue
    private var problems: [SchemaProblem] = []
    private var remainingChecks = maximumChecks
    private var depth = 0
    private var isExhausted = false

    init(root: JSONValue) { self.root = root }

    /// What is wrong with a value; nothing if it fits.
    package static func problems(of value: JSONValue, _ schema: JSONValue) -> [SchemaProblem] {
        var validator = SchemaValidator(root: schema)
        validator.validate(value, schema, at: [])
        if validator.isExhausted { validator.report("There is more to it than can be checked", at: []) }
        return validator.problems
    }

    mutating func validate(_ value: JSONValue, _ schema: JSONValue, at path: [String]) {
        guard problems.count < Self.maximumProblems, !isExhausted else { return }
        remainingChecks -= 1
        guard remainingChecks > 0, depth < Self.maximumDepth else {
            isExhausted = true
            return
        }
        depth += 1
        defer { depth -= 1 }
        if schema == false { report("Value is not allowed", at: path) }
        if let reference = schema["$ref"]?.stringValue {
            if let target = resolve(reference) {
                validate(value, target, at: path)
            } else {
                report("The schema has no \(reference)", at: path)
            }
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

    mutating func report(_ reason: String, at path: [String]) {
        problems.append(SchemaProblem(path: path, reason: reason))
    }

    /// Whether a value fits a schema.
    mutating func fits(_ value: JSONValue, _ schema: JSONValue, at path: [String]) -> Bool {
        problems(of: value, schema, at: path).isEmpty
    }

    /// What a JSON pointer within the schema leads to.
    func resolve(_ reference: String) -> JSONValue? {
        guard reference.hasPrefix("#") else { return nil }
        let names = reference.dropFirst().split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        return names.reduce(root) { value, name in
            let name = name.unescaped("~1", "/").unescaped("~0", "~")
            return value?[name] ?? Int(name).flatMap { value?.arrayValue?.element(at: $0) }
        }
    }

    private mutating func problems(
        of value: JSONValue,
        _ schema: JSONValue,
        at path: [String]
    ) -> [SchemaProblem] {
        let before = problems
        problems = []
        validate(value, schema, at: path)
        defer { problems = before }
        return problems
    }

    // MARK: Keywords for values of all types

    private mutating func validateCombinations(_ value: JSONValue, _ schema: JSONValue, at path: [String]) {
        for part in schema["allOf"]?.arrayValue ?? [] { validate(value, part, at: path) }
        if let parts = schema["anyOf"]?.arrayValue {
            let results = problems(of: value, parts, at: path)
            if !results.contains(where: \.isEmpty) {
                report("Must validate at least one schema (anyOf)", at: path)
                problems += results.min { $0.count < $1.count } ?? []
            }
        }
        if let parts = schema["oneOf"]?.arrayValue {
            let results = problems(of: value, parts, at: path)
            let fitting = results.filter(\.isEmpty)
            if fitting.count != 1 {
                report("Must validate one and only one schema (oneOf)", at: path)
                if fitting.isEmpty { problems += results.min { $0.count < $1.count } ?? [] }
            }
        }
        if let part = schema["not"], fits(value, part, at: path) {
            report("Must not validate the schema (not)", at: path)
        }
        guard let condition = schema["if"] else { return }
        let isMet = fits(value, condition, at: path)
        guard let part = schema[isMet ? "then" : "else"] else { return }
        let found = problems(of: value, part, at: path)
        if found.isEmpty { return }
        let reason =
            isMet ? "Must validate \"then\" as \"if\" was valid" : "Must validate \"else\" as \"if\" was not valid"
        report(reason, at: path)
        problems += found
    }

    private mutating func problems(
        of value: JSONValue,
        _ schemas: [JSONValue],
        at path: [String]
    ) -> [[SchemaProblem]] {
        var results: [[SchemaProblem]] = []
        for schema in schemas { results.append(problems(of: value, schema, at: path)) }
        return results
    }

    private mutating func validateChoice(_ value: JSONValue, _ schema: JSONValue, at path: [String]) {
        let field = path.last ?? "(root)"
        let number = value.withPlainNumbers
        if let choices = schema["enum"]?.arrayValue, !choices.contains(where: { $0.withPlainNumbers == number }) {
            let allowed = choices.map { $0.text() }.joined(separator: ", ")
            report("\(field) must be one of the following: \(allowed)", at: path)
        }
        if let constant = schema["const"], constant.withPlainNumbers != number {
            report("\(field) does not match: \(constant.text())", at: path)
        }
    }
}

extension JSONValue {
    /// What JSON Schema calls this kind of value; `1.0` is an integer there.
    var schemaTypeName: String {
        if case .double(let number) = self, number == number.rounded() { "integer" } else { typeName }
    }

    func isOfSchemaType(_ name: String) -> Bool {
        schemaTypeName == name || name == "number" && schemaTypeName == "integer"
    }

    /// The value with integral numbers as integers, for JSON Schema does not tell `1` from `1.0`.
    var withPlainNumbers: JSONValue {
        switch self {
        case .double(let number): Int64(exactly: number).map(JSONValue.int) ?? self
        case .array(let elements): .array(elements.map(\.withPlainNumbers))
        case .object(let members): .object(members.mapValues(\.withPlainNumbers))
        case .null, .bool, .int, .string: self
        }
    }
}

extension Array {
    fileprivate func element(at index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}

extension StringProtocol {
    fileprivate func unescaped(_ escape: String, _ character: String) -> String {
        split(separator: escape, omittingEmptySubsequences: false).joined(separator: character)
    }
}
