import KargoCore
import Testing

@Suite struct ExpressionErrorTests {
    private func description(of source: String, _ variables: [String: ExpressionValue] = [:]) async -> String? {
        let error = await #expect(throws: ExpressionError.self) { try await value(of: source, variables) }
        return error.map(String.init(describing:))
    }

    @Test func `underlines the place`() async throws {
        let operand = try #require(await description(of: "object.k + whole"))
        #expect(
            operand == """
                there is no '+' between a string and an int; string() makes a string of any value
                    object.k + whole
                             ^
                """
        )
        let member = try #require(await description(of: "nothing.color"))
        #expect(
            member == """
                nil has no 'color'; use ?. where nil is expected
                    nothing.color
                            ^^^^^
                """
        )
    }

    @Test func `shows the line of a longer expression`() async throws {
        let text = try #require(await description(of: "let a = 1;\n\tlet é = nothing;\n\té.x + a"))
        #expect(text.hasSuffix("\n    \té.x + a\n    \t  ^"))
    }

    @Test(arguments: [
        String(repeating: "1 + ", count: 60), "'" + String(repeating: "é", count: 9_999) + "' + ",
        "'" + String(repeating: "👩‍👩‍👧", count: 999) + "' + ", "'" + String(repeating: "a", count: 9_999) + "' + ",
    ])
    func `shows the surroundings in a very long line`(_ padding: String) async throws {
        let text = try #require(await description(of: "\(padding)nothing.x + \(padding)1"))
        let lines = text.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[1].count < 140)
        #expect(lines[1].contains("nothing.x"))
        #expect(!text.contains("\u{FFFD}"))
        #expect(lines[2].trimmingPrefix { $0 == " " } == "^")
    }

    @Test func `points at the end of what is incomplete`() async throws {
        let text = try #require(await description(of: "1 +"))
        #expect(text == "the expression ends too early\n    1 +\n       ^")
    }

    @Test(arguments: [
        "hidden.x", "hidden + 1", "hidden[0:1].y", "int(hidden)", "float(hidden)", "fromJSON(hidden)",
        "fromBase64(hidden)",
        "\"a\" matches hidden", "hidden ? 1 : 2", "hidden()", "{(1): hidden}", "object[[hidden]]", "list[0][hidden]",
        "join([hidden, 1])", "keys(hidden)", "filter(hidden, #)", "filter([hidden], #)", "sum([hidden])",
        "hidden in hidden",
        "sort([hidden, 1])", "f(hidden)", "toJSON({(hidden): 1 / 0})", "hidden in [\"a\"] ? 1 : hidden.b",
        "fromPairs([[hidden]])",
        "repeat(\"a\", hidden)", "sortBy([1, 2], #, hidden)", "split(hidden, hidden, hidden)", "reduce(hidden, #.x)",
    ])
    func `does not tell a value`(_ source: String) async throws {
        let text = try #require(await description(of: source, ["hidden": "(hunter2"]))
        #expect(!text.contains("hunter2"))
    }
}
