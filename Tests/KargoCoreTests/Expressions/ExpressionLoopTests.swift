import KargoCore
import Testing

@Suite struct ExpressionLoopTests {
    @Test(
        arguments: [
            ("all(numbers, # > 0)", true), ("all([], no)", true), ("any(numbers, # > 2)", true),
            ("any([], yes)", false),
            ("none(numbers, # > 3)", true), ("one(numbers, # > 2)", true), ("one(numbers, # > 1)", false),
            ("filter(numbers, # > 1)", [3.0, 2.0]), ("map(numbers, # * 2)", [6.0, 2.0, 4.0]),
            ("map(list, #index)", [0, 1, 2]),
            ("map(raw, #)", [104, 105]), ("map(text, #)", [97, 98, 99]), ("find(numbers, # < 3)", 1.0),
            ("find(numbers, # > 9)", .null),
            ("findIndex(numbers, # < 3)", 1), ("findIndex(numbers, # > 9)", .null), ("findLast(numbers, # < 3)", 2.0),
            ("findLastIndex(numbers, # < 3)", 2), ("count(numbers, # > 1)", 2), ("count([yes, no, yes])", 2),
            ("sum(numbers)", 6.0), ("sum([])", 0), ("sum([1, 2.5])", 3.5), ("sum(list, len(#))", 3),
            ("reduce(numbers, #acc + #)", 6.0), ("reduce(list, #acc + \":\" + #)", "x:y:z"), ("reduce([], #acc, 5)", 5),
            ("reduce([1, 2, 3], #acc + #index, 0)", 3), ("reduce([1, 2, 3], #acc + #index)", 4),
            ("sortBy(list, #, \"desc\")", ["z", "y", "x"]), ("sortBy([{a: 2}, {a: 1}], .a)", [["a": 1], ["a": 2]]),
            ("sortBy([nothing], #)", [.null]), ("filter([{n: 1}, {n: 2}], .n > 1)[0].n", 2),
            ("map([[1, 2], [3]], map(#, # * 2))", [[2, 4], [6]]),
            ("map([1, 2], {let o = #; map([10], # + o)})", [[11], [12]]),
            ("map(list, let i = #index; string(i) + #)", ["0x", "1y", "2z"]), ("map(list, {{\"n\": #}})[0].n", "x"),
            ("map([1], {1; 2})", [2]), ("filter(list, # in [\"x\"],)", ["x"]), ("map([{a: {b: 1}}], .a?.b)", [1]),
            ("map([1, 2], map([#], #))", [[1], [2]]), ("len(groupBy(list, len(#)))", 1),
        ] as [(String, ExpressionValue)]
    )
    func `runs over arrays`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: [
        "filter(object, true)", "map(nothing, #)", "filter(list, #)", "any(list, nothing)",
        "count(list)",
        "reduce([], #acc + #)", "sum(list)", "sortBy([1, \"a\"], #)", "sortBy(list, #, \"up\")", "groupBy([[1]], #)",
        "filter([], true)[0]",
    ])
    func `fails where there is nothing to run over`(_ source: String) async throws {
        #expect(try await failure(of: source) == .evaluation)
    }

    @Test(arguments: [
        "#", ".foo", "#index", "any(list, #index == 1)", "filter(list, #acc)", "map(list, #foo)",
        "filter(list, #index > 0)",
        "reduce(list, #acc, #)", "map(#, 1)", "map(list, {\"n\": #})", "map(list, 1; 2)", "reduce(list, #acc, 1, 2)",
    ])
    func `offers elements only inside of predicates`(_ source: String) {
        let error = #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
        #expect(error?.code == .syntax)
    }
}
