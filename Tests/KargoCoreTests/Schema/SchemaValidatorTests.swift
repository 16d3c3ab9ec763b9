import Testing

@testable import KargoCore

@Suite("JSON Schemas")
struct SchemaValidatorTests {
    private func problems(_ value: JSONValue, _ schema: String) throws -> [String] {
        SchemaValidator.problems(of: value, try JSONValue(parsing: schema)).map(\.description)
    }

    @Test(
        arguments: [
            (##"{"minimum": 2}"##, ##"2"##, ##"1"##, "Must be greater than or equal to 2"),
            (##"{"minimum": 0.5}"##, ##"0.5"##, ##"0"##, "Must be greater than or equal to 0.5"),
            (##"{"exclusiveMinimum": 2}"##, ##"3"##, ##"2"##, "Must be greater than 2"),
            (##"{"maximum": 2}"##, ##"2"##, ##"2.5"##, "Must be less than or equal to 2"),
            (##"{"exclusiveMaximum": 2}"##, ##"1"##, ##"2"##, "Must be less than 2"),
            (##"{"multipleOf": 5}"##, ##"10"##, ##"12"##, "Must be a multiple of 5"),
            (##"{"type": "integer"}"##, ##"1.0"##, ##"1.5"##, "Invalid type. Expected: integer, given: number"),
            (
                ##"{"type": ["string", "null"]}"##, ##"null"##, ##"1"##,
                "Invalid type. Expected: [string,null], given: integer"
            ),
            (##"{"minLength": 2}"##, ##""éé""##, ##""é""##, "String length must be greater than or equal to 2"),
            (##"{"maxLength": 2}"##, ##""éé""##, ##""ééé""##, "String length must be less than or equal to 2"),
            (##"{"pattern": "^a+$"}"##, ##""aa""##, ##""ab""##, "Does not match pattern '^a+$'"),
            (##"{"format": "uri"}"##, ##""https://h/p""##, ##""git@h:p""##, "Does not match format 'uri'"),
            (##"{"format": "email"}"##, ##""a@b""##, ##""a b""##, "Does not match format 'email'"),
            (##"{"enum": [1, "a"]}"##, ##"1.0"##, ##""b""##, "(root) must be one of the following: 1, \"a\""),
            (##"{"const": {"a": 1}}"##, ##"{"a": 1.0}"##, ##"{"a": 2}"##, "(root) does not match: {\"a\":1}"),
            (##"{"minItems": 1}"##, ##"[1]"##, ##"[]"##, "Array must have at least 1 items"),
            (##"{"maxItems": 1}"##, ##"[1]"##, ##"[1, 2]"##, "Array must have at most 1 items"),
            (##"{"uniqueItems": true}"##, ##"[1, "1"]"##, ##"[1, 2, 1.0]"##, "array items[0,2] must be unique"),
            (
                ##"{"prefixItems": [{}], "items": false}"##, ##"["a"]"##, ##"["a", 1]"##,
                "No additional items allowed on array"
            ),
            (##"{"contains": {"const": 1}}"##, ##"[2, 1]"##, ##"[2]"##, "At least one of the items must match"),
            (
                ##"{"contains": {"const": 1}, "minContains": 2}"##, ##"[1, 1]"##, ##"[1]"##,
                "At least 2 of the items must match"
            ),
            (
                ##"{"contains": {"const": 1}, "maxContains": 1}"##, ##"[1]"##, ##"[1, 1]"##,
                "At most 1 of the items may match"
            ),
            (##"{"minProperties": 1}"##, ##"{"a": 1}"##, ##"{}"##, "Must have at least 1 properties"),
            (##"{"maxProperties": 1}"##, ##"{"a": 1}"##, ##"{"a": 1, "b": 1}"##, "Must have at most 1 properties"),
            (
                ##"{"propertyNames": {"pattern": "^a"}}"##, ##"{"ab": 1}"##, ##"{"b": 1}"##,
                "Property name of \"b\" does not match"
            ),
            (
                ##"{"patternProperties": {"^a": {}}, "additionalProperties": false}"##, ##"{"ab": 1}"##, ##"{"b": 1}"##,
                "Additional property b is not allowed"
            ),
            (##"{"dependentRequired": {"a": ["b"]}}"##, ##"{"b": 1}"##, ##"{"a": 1}"##, "Has a dependency on b"),
            (##"{"dependentSchemas": {"a": {"required": ["b"]}}}"##, ##"{"b": 1}"##, ##"{"a": 1}"##, "b is required"),
            (##"{"not": {"const": 1}}"##, ##"2"##, ##"1"##, "Must not validate the schema (not)"),
            (##"{"if": {"const": 1}, "then": false}"##, ##"2"##, ##"1"##, "Must validate \"then\" as \"if\" was valid"),
            (
                ##"{"if": {"const": 1}, "else": false}"##, ##"1"##, ##"2"##,
                "Must validate \"else\" as \"if\" was not valid"
            ),
            (
                ##"{"anyOf": [{"const": 1}, {"const": 2}]}"##, ##"2"##, ##"3"##,
                "Must validate at least one schema (anyOf)"
            ),
            (
                ##"{"oneOf": [{"minimum": 1}, {"maximum": 5}]}"##, ##"9"##, ##"3"##,
                "Must validate one and only one schema (oneOf)"
            ),
            (##"{"allOf": [{"minimum": 1}, {"maximum": 5}]}"##, ##"3"##, ##"9"##, "Must be less than or equal to 5"),
            (
                ##"{"$ref": "#/$defs/a~1b~0", "$defs": {"a/b~": {"const": 1}}}"##, ##"1"##, ##"2"##,
                "(root) does not match: 1"
            ),
            (
                ##"{"$ref": "#/$defs/a", "maximum": 3, "$defs": {"a": {}}}"##, ##"3"##, ##"4"##,
                "Must be less than or equal to 3"
            ),
            (##"{"$ref": "#/allOf/0", "allOf": [{"const": 1}]}"##, ##"1"##, ##"2"##, "(root) does not match: 1"),
        ]
    )
    func `take some values and refuse others`(schema: String, good: String, bad: String, reason: String) throws {
        #expect(try problems(JSONValue(parsing: good), schema) == [])
        #expect(try problems(JSONValue(parsing: bad), schema).first == "(root): \(reason)")
    }

    @Test func `may be wrong themselves`() throws {
        #expect(try problems(1, #"{"format": "unheard-of", "unheard-of": 1}"#) == [])
        #expect(try problems(1, ##"{"$ref": "#/missing"}"##) == ["(root): The schema has no #/missing"])
        #expect(try problems("x", #"{"pattern": "["}"#).first?.hasPrefix("(root): The schema's pattern") == true)
    }

    @Test(
        arguments: [
            (##"[]"##, "must be a JSON Schema: a mapping, true or false"),
            (
                ##"{"properties": {"a": {"type": "text"}}}"##,
                "properties.a.type: must be one of array, boolean, integer, null, number, object, string, not \"text\""
            ),
            (##"{"allOf": [{}, {"minLength": "2"}]}"##, "allOf[1].minLength: must be a number, not \"2\""),
            (##"{"required": "a"}"##, "required: must be a list of names"),
            (##"{"items": {"$ref": "#/$defs/b"}, "$defs": {"a": {}}}"##, "items.$ref: must lead to a place in"),
            (##"{"not": {"pattern": "["}}"##, "not.pattern: \"[\" is malformed: "),
            (##"{"patternProperties": {"(": {}}}"##, "patternProperties: \"(\" is malformed: "),
            (##"{"oneOf": {}}"##, "oneOf: must be a list of schemas"),
            (##"{"properties": []}"##, "properties: must be a mapping of names to schemas"),
            (##"{"properties": {"a": 1}}"##, "properties.a: must be a JSON Schema"),
        ]
    )
    func `are refused where they make no sense`(schema: String, problem: String) throws {
        let schema = try JSONValue(parsing: schema)
        let error = #expect(throws: FieldError.self) { try SchemaValidator.check(schema, at: FieldPath()) }
        #expect(error?.description.hasPrefix(problem) == true)
    }

    @Test func `are taken where they make sense`() throws {
        let schema = try JSONValue(
            parsing:
                ##"{"type": ["object"], "properties": {"a": {"$ref": "#/$defs/a"}, "b": true}, "$defs": {"a": {}}}"##
        )
        #expect(throws: Never.self) { try SchemaValidator.check(schema, at: FieldPath()) }
    }

    @Test func `name the place of a problem`() throws {
        let schema = #"""
            {"properties": {"a": {"items": {"prefixItems": [{"patternProperties": {"^x": {"type": "string"}}}]}}}}
            """#
        #expect(
            try problems(["a": [[], [["y": 1, "xy": 1]]]], schema)
                == ["a.1.0.xy: Invalid type. Expected: string, given: integer"]
        )
    }

    @Test func `list at most a hundred problems`() throws {
        let values = JSONValue.array((0..<1000).map { .int($0) })
        #expect(try problems(values, #"{"items": {"type": "string"}}"#).count == 100)
    }

    @Test(arguments: [
        ##"{"$ref": "#"}"##, ##"{"allOf": [{"$ref": "#"}, {"$ref": "#"}]}"##,
        ##"{"anyOf": [{"$ref": "#"}, {"$ref": "#"}, {"$ref": "#"}]}"##,
    ])
    func `that stand in themselves come to an end`(schema: String) throws {
        #expect(try problems(1, schema).contains { $0.hasSuffix("There is more to it than can be checked") })
    }

    @Test(
        arguments: [
            (.uri, "https://github.com/a/b", true), (.uri, "ssh://git@host:22/p", true), (.uri, "a+b.c-1:x", true),
            (.uri, "git@host:path", false), (.uri, "github.com/a/b", false), (.uri, "", false), (.uri, ":x", false),
            (.uri, "1a:x", false), (.uri, "https://a\\b", false), (.uri, "https://a b", false),
            (.email, "ann@example.com", true), (.email, "Ann <ann@example.com>", true), (.email, "<a@b>", true),
            (.email, "\"Ann, B.\" <a.b+c@d.e>", true), (.email, "\"a b\"@c", true), (.email, "a@[127.0.0.1]", true),
            (.email, "ann", false), (.email, "@b", false), (.email, "a@", false), (.email, "a..b@c", false),
            (.email, "a b@c", false), (.email, "Ann <a@b", false), (.email, "a@b>", false), (.email, "", false),
            (.email, "a, b <a@b>", false),
        ] as [(SchemaFormat, String, Bool)]
    )
    func `know formats`(format: SchemaFormat, text: String, isAllowed: Bool) {
        #expect(format.allows(text) == isAllowed)
    }
}
