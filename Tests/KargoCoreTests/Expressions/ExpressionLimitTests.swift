import Synchronization
import Testing

@testable import KargoCore

@Suite struct ExpressionLimitTests {
    /// An expression too long to show.
    struct Source: Sendable, CustomTestStringConvertible {
        var text: String

        init(_ part: String, _ count: Int, before: String = "", after: String = "") {
            text = before + String(repeating: part, count: count) + after
        }

        var testDescription: String { String(text.prefix(20)) + "…" }
    }

    @Test(arguments: [
        repeated("(", 90) + "1" + repeated(")", 90), repeated("[", 90) + repeated("]", 90), repeated("1 + ", 240) + "1",
        repeated("!", 90) + "yes", "1" + repeated(" | string()", 240), "nothing" + repeated("?.a", 120),
    ])
    func `allows any depth that a person writes`(_ source: String) async throws {
        _ = try await value(of: source)
    }

    @Test(arguments: [
        Source("(", 100_000), Source("[", 100_000), Source("{a:", 100_000), Source("-", 100_000),
        Source("f(", 100_000), Source("map(a, ", 100_000), Source("a ? ", 100_000), Source("if a { ", 100_000),
        Source("1 + ", 100_000, after: "1"), Source("1 ** ", 100_000, after: "1"), Source(".b", 100_000, before: "a"),
        Source("[0]", 100_000, before: "a"), Source(" | string()", 100_000, before: "a"), Source("let a = ", 100_000),
        Source("1,", 100_000, before: "[", after: "]"), Source(" ", 2 << 20),
    ])
    func `refuses what is too large or too deep`(_ source: Source) {
        let error = #expect(throws: ExpressionError.self) { try ExpressionProgram(source.text) }
        #expect(error?.code == .limit)
    }

    @Test(arguments: [
        "1..1000000", "1..9223372036854775807", "-9223372036854775807..9223372036854775807", "map(1..999999, #)",
        "let a = 1..9999; map(a, map(a, map(a, #)))",
        "let a = 1..9999; all(a, -1 not in a)", "uniq(1..99999)",
        "repeat(\"ab\", 600000)", "repeat(\"a\", 1000001)", "reduce(1..64, #acc + #acc, \"0123456789abcdef\")",
        "reduce(1..64, replace(#acc, \"a\", #acc), \"aaa\")",
        "reduce(1..9999, [#acc], 1)", "toJSON(reduce(1..10, [#acc, #acc], repeat(\"a\", 99999)))",
        "string(reduce(1..10, [#acc, #acc], repeat(\"a\", 99999)))",
        "join(map(1..999, repeat(\"a\", 999)) | map(join([#, #])))",
        "let a = 1..9999; map(1..9999, a[1:] == a)",
        "let s = repeat(\"a\", 99999); map(1..99, s matches \"(a|b)*a(a|b){900}c\")",
        "map(1..99999, \"a\" matches \"a{900}\" + string(#))", "let s = repeat(\"a\", 9999); map(1..9999, s[1:])",
        "let s = repeat(\"a\", 9999); map(1..9999, trim(s))", "sortBy(1..9999, repeat(\"a\", 999))",
        "fromJSON(\"\(repeated("[", 600))\(repeated("]", 600))\")",
    ])
    func `gives up in good time`(_ source: String) async throws {
        await #expect(throws: ExpressionError.self) { try await value(of: source) }
    }

    /// Those that would take all of the usual budget; a part of it shows as well that their work is counted.
    @Test(arguments: [
        "let a = 1..99999; any(a, count(a, # > 1) == 0)", "reduce(1..64, [#acc, #acc], 1)",
        "let a = reduce(1..14, [#acc, #acc], 1); map(1..9999, max(a))",
        "let s = repeat(\"a\", 99999); map(1..9999, len(now().Format(s)))",
    ])
    func `counts the work of nested loops and of shared parts`(_ source: String) async throws {
        let program = try ExpressionProgram(source)
        let budget = ExpressionBudget(steps: ExpressionBudget.maximumSteps / 20)
        let error = await #expect(throws: ExpressionError.self) {
            try await program.evaluate(in: ExpressionEnvironment(), overrides: [:], budget: budget)
        }
        #expect(error?.code == .limit)
    }

    /// An operation on large values in a loop; were each of them one step, the loop would be over before the budget.
    @Test(arguments: [
        "raw == raw2", "98 in raw", "raw in [raw2]", "s == s2", "s contains s2", "m == m2", "x == x2", "keys(m) == []",
        "values(m) == []", "toPairs(m) == []", "keys(x) == []", "indexOf(s, s2) == 1", "lastIndexOf(s, s2) == 1",
        "trim(s, 'a') == 'b'", "trim(' ', s) == 'b'", "split(s, s2) == []", "replace(s, s2, '') == s",
    ])
    func `counts what an operation on large values takes`(_ operation: String) async throws {
        let text = { String(repeating: "a", count: 50_000) }
        let keys = {
            Dictionary(uniqueKeysWithValues: (0..<100).map { (String(repeating: "k", count: 500) + "\($0)", "v") })
        }
        let environment = ExpressionEnvironment(
            variables: [
                "s": .string(text()), "s2": .string(text()), "raw": .bytes(Array(text().utf8)),
                "raw2": .bytes(Array(text().utf8)), "x": .map(ExpressionMap(texts: keys())),
                "x2": .map(ExpressionMap(texts: keys())),
                "m": .map(ExpressionMap(keys().mapValues(ExpressionValue.string))),
                "m2": .map(ExpressionMap(keys().mapValues(ExpressionValue.string))),
            ]
        )
        let program = try ExpressionProgram("count(1..999, (\(operation)) != nil)")
        let budget = ExpressionBudget(steps: ExpressionBudget.maximumSteps / 50)
        let error = await #expect(throws: ExpressionError.self) {
            try await program.evaluate(in: environment, overrides: [:], budget: budget)
        }
        #expect(error?.code == .limit)
    }

    @Test func `shares one budget among the expressions of a template`() async throws {
        let template = try Template(repeated("${{ len(map(1..999, #)) }} ", 99))
        var budget = ExpressionBudget(steps: ExpressionBudget.maximumSteps / 100)
        let error = await #expect(throws: ExpressionError.self) {
            try await template.text(in: ExpressionEnvironment(), spending: &budget)
        }
        #expect(error?.code == .limit)
        var ample = ExpressionBudget()
        #expect(try await template.text(in: ExpressionEnvironment(), spending: &ample)?.hasPrefix("999 999 ") == true)
    }

    @Test func `refuses to write down a value that shares its parts too often`() async throws {
        let shared = try await value(of: "reduce(1..13, [#acc, #acc], repeat(\"a\", 9999))")
        let error = #expect(throws: ExpressionError.self) { try shared.jsonValue() }
        #expect(error?.code == .limit)
    }

    @Test func `limits how often an evaluation waits`() async throws {
        let answered = Mutex(0)
        let read = ExpressionFunction(
            "read",
            arity: 1...1,
            reading: { arguments in
                answered.withLock { $0 += 1 }
                return arguments[0]
            }
        )
        #expect(try await failure(of: "map(1..999, read(#))", functions: [read]) == .limit)
        // The last answer is one too many.
        #expect(answered.withLock { $0 } == 257)
    }
}

private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
