import KargoCore
import Testing

@Suite struct ExpressionLimitTests {
    @Test(arguments: [
        repeated("(", 90) + "1" + repeated(")", 90), repeated("[", 90) + repeated("]", 90), repeated("1 + ", 240) + "1",
        repeated("!", 90) + "yes", "1" + repeated(" | string()", 240), "nothing" + repeated("?.a", 120),
    ])
    func `allows any depth that a person writes`(_ source: String) async throws {
        _ = try await value(of: source)
    }

    @Test(arguments: [
        repeated("(", 100_000), repeated("[", 100_000), repeated("{a:", 100_000), repeated("-", 100_000),
        repeated("f(", 100_000), repeated("map(a, ", 100_000), repeated("a ? ", 100_000), repeated("if a { ", 100_000),
        repeated("1 + ", 100_000) + "1", repeated("1 ** ", 100_000) + "1", "a" + repeated(".b", 100_000),
        "a" + repeated("[0]", 100_000), "a" + repeated(" | string()", 100_000), repeated("let a = ", 100_000),
        "[" + repeated("1,", 100_000) + "]", repeated(" ", 2 << 20),
    ])
    func `refuses what is too large or too deep`(_ source: String) {
        let error = #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
        #expect(error?.code == .limit)
    }

    @Test(arguments: [
        "1..1000000", "1..9223372036854775807", "-9223372036854775807..9223372036854775807", "map(1..999999, #)",
        "let a = 1..9999; map(a, map(a, map(a, #)))", "let a = 1..99999; any(a, count(a, # > 1) == 0)",
        "let a = 1..9999; all(a, -1 not in a)", "uniq(1..99999)",
        "repeat(\"ab\", 600000)", "repeat(\"a\", 1000001)", "reduce(1..64, #acc + #acc, \"0123456789abcdef\")",
        "reduce(1..64, replace(#acc, \"a\", #acc), \"aaaaaaaa\")", "reduce(1..64, [#acc, #acc], 1)",
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

    @Test func `refuses to write down a value that shares its parts too often`() async throws {
        let shared = try await value(of: "reduce(1..13, [#acc, #acc], repeat(\"a\", 9999))")
        let error = #expect(throws: ExpressionError.self) { try shared.jsonValue() }
        #expect(error?.code == .limit)
    }

    @Test func `limits how often an evaluation waits`() async throws {
        let read = ExpressionFunction("read", arity: 1...1, reading: { $0[0] })
        #expect(try await failure(of: "map(1..256, read(#))", functions: [read]) == nil)
        #expect(try await failure(of: "map(1..257, read(#))", functions: [read]) == .limit)
    }
}

private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
