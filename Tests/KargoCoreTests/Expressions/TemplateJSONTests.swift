import KargoCore
import Testing

@Suite struct TemplateJSONTests {
    private static let environment = ExpressionEnvironment(
        variables: ["number": 42.0, "id": 9_007_199_254_740_993, "object": ["a": 1], "ratio": 1.5, "nothing": .null],
        functions: [ExpressionFunction("read", arity: 0...0, reading: { _ in "r" })]
    )

    @Test func `evaluates strings at any depth but no keys`() async throws {
        let json: JSONValue = [
            "a": ["${{ number }}", ["b": "x${{ read() }}", "${{ number }}": "42"]], "plain": "42",
            "flag": "${{ \"true\" }}",
            "object": "${{ object }}", "nothing": "${{ nothing }}", "kept": [1, 1.5, nil, false],
        ]
        let expected: JSONValue = [
            "a": [42, ["b": "xr", "${{ number }}": "42"]], "plain": "42", "flag": true, "object": ["a": 1],
            "nothing": nil, "kept": [1, 1.5, nil, false],
        ]
        #expect(try await Template.evaluate(json, in: Self.environment) == expected)
    }

    @Test(
        arguments: [
            ("${{ number }}", 42), ("${{ id }}", .int(9_007_199_254_740_993)), ("${{ ratio }}", 1.5),
            ("${{ ratio * 2 }}", 3),
            ("${{ \"1e3\" }}", 1000), ("${{ \"007\" }}", 7), ("${{ \"-0\" }}", 0), ("${{ \"1e300\" }}", 1e300),
            ("${{ [id, 1.0] }}", [.int(9_007_199_254_740_993), 1]),
        ] as [(JSONValue, JSONValue)]
    )
    func `makes integers of numbers without fraction`(_ template: JSONValue, _ expected: JSONValue) async throws {
        #expect(try await Template.evaluate(template, in: Self.environment) == expected)
    }

    @Test func `names the field of a template that fails`() async throws {
        let json: JSONValue = ["steps": [["x": "ok"], ["y": "${{ nothing.z }}"]]]
        let error = await #expect(throws: ExpressionError.self) {
            try await Template.evaluate(json, in: Self.environment)
        }
        #expect(error?.path.description == "steps[1].y")
        #expect(error?.description.hasPrefix("steps[1].y: nil has no 'z'") == true)
        #expect(error?.place?.source == " nothing.z ")
    }

    @Test func `refuses numbers that JSON has not`() async throws {
        let error = await #expect(throws: ExpressionError.self) {
            try await Template.evaluate(["a": "${{ \"nan\" }}"], in: Self.environment)
        }
        #expect(error?.path.description == "a")
    }

    @Test(arguments: ["quote", "asYAML", "asJSON"])
    func `refuses variables that would hide its functions`(_ name: String) async throws {
        let environment = ExpressionEnvironment(variables: [name: 1])
        await #expect(throws: ExpressionError.self) { try await Template.evaluate(["a": "b"], in: environment) }
    }
}
