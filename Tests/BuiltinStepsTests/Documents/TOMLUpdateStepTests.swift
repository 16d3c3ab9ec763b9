import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("toml-update")
struct TOMLUpdateStepTests {
    private func update(_ bench: StepBench, _ updates: [(String, JSONValue)]) async throws -> StepResult {
        let list = updates.map { JSONValue.object(["key": .string($0.0), "value": $0.1]) }
        return try await bench.run("toml-update", ["path": "in.toml", "updates": .array(list)])
    }

    @Test(
        arguments: [
            ("a = 1 # why\nb = 2\n", "a", 20, "a = 20 # why\nb = 2\n"),
            ("a=1\r\n[t]\r\nb  =  2  \r\n", "t.b", 3, "a=1\r\n[t]\r\nb  =  3  \r\n"),
            ("a = 'x'\n", "a", "y", "a = 'y'\n"),
            ("a = 'x'\n", "a", "it's", "a = \"it's\"\n"),
            ("a = \"x\"\n", "a", "y", "a = \"y\"\n"),
            ("a = \"x\"\n", "a", "q\"\\\n\u{1}", "a = \"q\\\"\\\\\\n\\u0001\"\n"),
            ("a = \"\"\"\nx\n\"\"\"\n", "a", "y\nz\n", "a = \"\"\"\ny\nz\n\"\"\"\n"),
            ("a = '''\nx\n'''\n", "a", "y\nz", "a = '''\ny\nz'''\n"),
            ("a = '''x'''\n", "a", "y", "a = 'y'\n"),
            ("a = 5\n", "a", "y", "a = 'y'\n"),
            ("a = 1.5\n", "a", 2, "a = 2.0\n"),
            ("a = 1\n", "a", 2.5, "a = 2.5\n"),
            ("a = 1\n", "a", 1e22, "a = 1e+22\n"),
            ("a = 1\n", "a", 9_007_199_254_740_993, "a = 9007199254740993\n"),
            ("a = true\n", "a", false, "a = false\n"),
            ("a = 2024-01-01\n", "a", "2025-02-03", "a = 2025-02-03\n"),
            ("a = 2024-01-01\n", "a", "2025-02-30", "a = '2025-02-30'\n"),
            ("a = 2024-01-01T00:00:00Z\n", "a", "2025-01-01T01:02:03.5+02:00", "a = 2025-01-01T01:02:03.5+02:00\n"),
            ("a = 07:32:00\n", "a", "2025-01-01", "a = '2025-01-01'\n"),
            ("a.b.c = 1\n", "a.b.c", 2, "a.b.c = 2\n"),
            ("\"a.b\" = 1\n", "a\\.b", 2, "\"a.b\" = 2\n"),
            ("t = { x = 1, y = { z = [1, 2] } } # c\n", "t.y.z.1", 3, "t = { x = 1, y = { z = [1, 3] } } # c\n"),
            ("[[p]]\nn = 1\n[[p]]\nn = 2\n[p.q]\nm = 3\n", "p.1.q.m", 4, "[[p]]\nn = 1\n[[p]]\nn = 2\n[p.q]\nm = 4\n"),
            ("[a]\n[a.b]\nc = [\n  1, # one\n  2,\n]\n", "a.b.c.0", 9, "[a]\n[a.b]\nc = [\n  9, # one\n  2,\n]\n"),
            ("\"ü\" = 'ä'\nb = 'x'\n", "b", "€", "\"ü\" = 'ä'\nb = '€'\n"),
        ] as [(String, String, JSONValue, String)]
    )
    func `changes just the scalar`(text: String, key: String, value: JSONValue, expected: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.toml")
            #expect(try await update(bench, [(key, value)]).status == .succeeded)
            #expect(try bench.read("in.toml") == expected)
        }
    }

    @Test func `tells what it has done; of two for one key the last counts`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("a = 1\nb = \"x\"\n", to: "in.toml")
            let result = try await update(bench, [("a", 2), ("b", "y"), ("a", 3)])
            let message = "Updated in.toml\n\n- a: 2\n- b: 'y'\n- a: 3"
            #expect(result == .succeeded(output: ["commitMessage": .string(message)]))
            #expect(try bench.read("in.toml") == "a = 3\nb = \"y\"\n")
        }
    }

    @Test(arguments: ["none", "a.b", "t", "l", "l.2", "l.x", "i", "p", "p.3.n", "a..b"])
    func `changes nothing if one key is wrong`(key: String) async throws {
        try await StepBench.with { bench async throws in
            let text = "a = 1\nl = [1, 2]\ni = { x = 1 }\n[t]\n[[p]]\nn = 1\n"
            try bench.write(text, to: "in.toml")
            let result = try await update(bench, [("a", 2), (key, 3)])
            #expect(result.status == .errored)
            #expect(result.message.contains("in.toml"))
            #expect(try bench.read("in.toml") == text)
        }
    }

    @Test(arguments: ["a = ", "a = 1\na = 2\n", "[a", "= 1", "a = \"\n\""])
    func `can't change what is no TOML`(text: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.toml")
            #expect(try await update(bench, [("a", 2)]).status == .errored)
            #expect(try bench.read("in.toml") == text)
        }
    }
}

@Suite("toml-parse")
struct TOMLParseStepTests {
    @Test(
        arguments: [
            ("a = 1\n", "a + 1", 2), ("a = 0x1F\n", "a", 31), ("a = 1_000.5e1\n", "a", 10005.0),
            ("[t.u]\nv = [1, 'x']\n", "t.u.v[1]", "x"), ("[[p]]\nn = 1\n[[p]]\nn = 2\n", "len(p)", 2),
            ("a = 1979-05-27\n", "a", "1979-05-27"), ("a = 1979-05-27 07:32:00z\n", "a.Year()", 1979),
            ("a = 1979-05-27T07:32:00-08:00\n", "string(a.UTC().Hour())", "15"),
            ("a = 1979-05-27 07:32:00\n", "a", "1979-05-27T07:32:00"), ("a = 07:32:00.25\n", "a", "07:32:00.25"),
            ("\"k-e-y\" = true\n", "$env['k-e-y']", true), ("a = 1\n", "missing", .null),
        ] as [(String, String, JSONValue)]
    )
    func `puts out parts of a document`(text: String, expression: String, value: JSONValue) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.toml")
            let outputs: JSONValue = [["name": "o", "fromExpression": .string(expression)]]
            let result = try await bench.run("toml-parse", ["path": "in.toml", "outputs": outputs])
            #expect(result == .succeeded(output: ["o": value]))
        }
    }

    @Test(arguments: [("", "a"), ("a =", "a"), ("a = 1", "a.b.c"), ("a = inf", "a"), ("a = 1", "a +")])
    func `breaks, and may be tried again`(text: String, expression: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.toml")
            let outputs: JSONValue = [["name": "o", "fromExpression": .string(expression)]]
            let result = try await bench.run("toml-parse", ["path": "in.toml", "outputs": outputs])
            #expect(result.status == .errored)
            #expect(result.failure == .retryable(result.message))
        }
    }

    @Test(arguments: [
        String(repeating: "a.", count: 100_000) + "a = 1", "a = " + String(repeating: "[", count: 100_000),
        "[" + String(repeating: "a.", count: 100_000) + "a]", "a = " + String(repeating: "{a=", count: 100_000),
    ])
    func `refuses what is too deep`(text: String) {
        #expect(throws: SyntaxError.self) { try TOMLParser.parse(text) }
    }
}
