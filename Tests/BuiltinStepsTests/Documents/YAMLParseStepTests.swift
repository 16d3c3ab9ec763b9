import KargoCore
import KargoTestSupport
import Testing

@Suite("yaml-parse")
struct YAMLParseStepTests {
    private func parse(_ text: String, _ expression: String) async throws -> StepResult {
        var result = StepResult(status: .running)
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.yaml")
            let config: JSONValue = [
                "path": "in.yaml", "outputs": [["name": "o", "fromExpression": .string(expression)]],
            ]
            result = try await bench.run("yaml-parse", config)
        }
        return result
    }

    @Test(
        arguments: [
            ("a: {b: [1, two]}\n", "a.b[1]", "two"),
            ("a: {b: [1, two]}\n", "a.b[0]", 1),
            ("a: 12345678901\n", "a", 12_345_678_901),
            ("a: 1.5\n", "a", 1.5),
            ("a: 1\n", "a + 1", 2),
            ("a: x\n", "$env[\"a\"]", "x"),
            ("k-e-y: x\n", "$env[\"k-e-y\"]", "x"),
            ("- 1\n- 2\n", "$env[1]", 2),
            ("- 1\n- 2\n", "len($env)", 2),
            ("hello\n", "$env", "hello"),
            ("a: yes\n", "a", true),
            ("a: 1\n", "missing", .null),
            ("a: 1\n---\na: 2\n", "a", 1),
            ("a: &x {k: 1}\nb: *x\n", "b", ["k": 1]),
            ("a: {x: 1, z: 2}\n", "keys(a) | sort()", ["x", "z"]),
        ] as [(String, String, JSONValue)]
    )
    func `puts out parts of a document`(text: String, expression: String, value: JSONValue) async throws {
        #expect(try await parse(text, expression) == .succeeded(output: ["o": value]))
    }

    @Test(arguments: [("", "a"), ("a: [", "a"), ("a: 1\n", "a.b.c"), ("a: 1\n", "a +"), ("a: 1\n", "none.x")])
    func `breaks, and may be tried again`(text: String, expression: String) async throws {
        let result = try await parse(text, expression)
        #expect(result.status == .errored)
        guard case .retryable = result.failure else {
            Issue.record("\(result)")
            return
        }
    }

    @Test func `bounds what aliases make of a small file`() async throws {
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(try await parse(text, "a9").status == .errored)
    }

    @Test(arguments: ["none.yaml", "d", "../outside.yaml", "link"])
    func `can't read what is no file inside`(path: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.outside.write("a: secret\n", to: "outside.yaml")
            try bench.makeDirectory("d")
            try bench.link("link", to: "../outside.yaml")
            let config: JSONValue = ["path": .string(path), "outputs": [["name": "o", "fromExpression": "a"]]]
            let result = try await bench.run("yaml-parse", config)
            #expect(result.status == .errored)
            #expect(!result.message.contains(bench.outside.path))
        }
    }
}
