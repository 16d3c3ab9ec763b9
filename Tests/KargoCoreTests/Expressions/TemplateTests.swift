import KargoCore
import Testing

@Suite struct TemplateTests {
    private static let environment = ExpressionEnvironment(
        variables: [
            "name": "app", "number": 42.0, "flag": true, "list": ["x", "y"], "object": ["b": "<&>", "a": 1],
            "nothing": .null, "raw": .bytes([104, 105]), "secret": .map(ExpressionMap(texts: ["token": "s3"])),
        ]
    )

    private func evaluate(_ template: String) async throws -> ExpressionValue {
        try await Template(template).evaluate(in: Self.environment)
    }

    @Test(arguments: ["", "42", "true", "$ {{ 1 }}", "{{ 1 }}", "${ 1 }", "${", "$", "null", "\"a\"", "a\n"])
    func `leaves a string without expressions alone`(_ text: String) async throws {
        #expect(try await evaluate(text) == .string(text))
    }

    @Test(
        arguments: [
            ("${{ name }}", "app"), ("${{name}}${{ name }}", "appapp"), ("a${{ 1 }}b${% 2 %}c", "a1b2c"),
            ("x${{ number }}", "x42"), ("x${{ nothing }}", "xnull"), ("x${{ list }}", "x[\"x\",\"y\"]"),
            ("x${{ object }}", #"x{"a":1,"b":"\u003c\u0026\u003e"}"#), ("x${{ raw }}", "x\"aGk=\""),
            ("x${{ 1e21 }}", "x1e+21"),
            ("x${{ 1e-7 }}", "x1e-7"), ("x${{ secret.missing }}y", "xy"),
            ("${% {\"a\": {\"b\": 1}} %}!", "{\"a\":{\"b\":1}}!"),
            ("${{ 1 }}}", "1}"), ("a${{}}b${{ 1 }}", "ab${{ 1 }}"), ("${{ \"%}\" }}", "%}"), ("é${{ \"😀\" }}é", "é😀é"),
        ] as [(String, ExpressionValue)]
    )
    func `puts results in place of expressions`(_ template: String, _ expected: ExpressionValue) async throws {
        #expect(try await evaluate(template) == expected)
    }

    @Test(
        arguments: [
            ("${{ number }}", 42.0), ("${{ \"1\" }}${{ \"2\" }}", 12.0), ("\n${{ 5 }}\n", 5.0), ("${{ 5 }}\n", 5.0),
            ("${{ \"t\" }}", true), ("${{ \"tru\" }}e", true), ("${{ nothing }}", .null), ("${{ list }}", ["x", "y"]),
            (" {\"a\": ${{ number }}} ", ["a": 42.0]), ("${{ object }}", ["b": "<&>", "a": 1.0]),
            ("${{ raw }}", "aGk="),
            ("\"${{ number }}\"", "42"), ("\"${{ number }}\"\n", "42\n"), ("${{ \"\\n\" }}", "\n"),
            ("${{ name }}\n", "app\n"),
            ("${{ \"[1,\" }}", "[1,"), ("${{ \"\" }}", ""), ("${{ '\"' }}", "\""),
        ] as [(String, ExpressionValue)]
    )
    func `reads the resulting text anew`(_ template: String, _ expected: ExpressionValue) async throws {
        #expect(try await evaluate(template) == expected)
    }

    @Test(
        arguments: [
            ("${{ quote(42) }}", "42"), ("${{ quote(\"true\") }}", "true"), ("${{ quote(\"a\\nb\") }}", "a\\nb"),
            ("${{ quote(nothing) }}", "null"), ("${{ quote(list) }}", "[\"x\",\"y\"]"),
            ("${{ quote(object.b) }}", "<&>"),
            ("x-${{ quote(1) }}", "x-\"1\""), ("${{ quote(\"a\") }} and ${{ quote(\"b\") }}", "a\" and \"b"),
            ("${{ unsafeQuote(\"s\") }}", "\"s\""), ("${{ unsafeQuote(42) }}", "42"),
            ("${{ quote(number) + \"\" }}", "42"),
            ("${{ asJSON({b: 1, a: [\"<\"]}) }}", "{\n  \"a\": [\n    \"\\u003c\"\n  ],\n  \"b\": 1\n}\n"),
            ("${{ asJSON(nothing) }}", "null\n"), ("${{ 1 | quote() }}", "1"),
        ] as [(String, ExpressionValue)]
    )
    func `keeps quoted results as strings`(_ template: String, _ expected: ExpressionValue) async throws {
        #expect(try await evaluate(template) == expected)
    }

    @Test(arguments: [
        "${{ 1", "${% 1 }}", "${{ }}", "${{ 1 + }}", "${{ 1 / 0 }}", "${{ groupBy(list, #) }}", "${{ nothing.x }}",
        "${{ {\"labels\": {\"app\": \"nginx\"}} }}", "${{ quote() }}", "${{ quote(1, 2) }}", "${{ quote(1 / 0) }}",
        "${{ unknown(1) }}", "${{ let quote = 1; quote }}", "a ${{ 1 }} ${{ 2",
    ])
    func `fails where an expression does`(_ template: String) async throws {
        await #expect(throws: ExpressionError.self) { try await evaluate(template) }
    }

    @Test func `takes further functions from the environment but not in place of its own`() async throws {
        var environment = Self.environment
        environment.add(ExpressionFunction("more", arity: 1...1) { _ in "\"a: 1\n\"" })
        environment.add(ExpressionFunction("quote", arity: 1...1) { _ in "mine" })
        #expect(try await Template("${{ more(1) }}").evaluate(in: environment) == "a: 1\n")
        #expect(try await Template("${{ quote(1) }}").evaluate(in: environment) == "1")
    }

    @Test func `refuses a result that is too large`() async throws {
        let template = String(repeating: "${{ repeat(\"a\", 999999) }}", count: 18)
        let error = await #expect(throws: ExpressionError.self) { try await evaluate(template) }
        #expect(error?.code == .limit)
    }
}
