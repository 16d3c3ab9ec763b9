import KargoCore
import Testing

@Suite struct ExpressionGrammarTests {
    @Test(
        arguments: [
            ("2 + 3 * 4", 14), ("(2 + 3) * 4", 20), ("8 - 2 - 2", 4), ("10 % 4 * 2", 4), ("1 - -1", 2), ("- -5", 5),
            ("-2 ** 2", -4.0), ("2 ** 3 ** 2", 512.0), ("2 ^ 3", 8.0), ("8 / 2 / 2", 2.0), ("-whole + 2", -3),
            ("1 + 1..4", [2, 3, 4]), ("1..3", [1, 2, 3]), ("not true == false", true), ("!true == false", true),
            ("1 < 2 == true", true), ("1 < 2 and 2 < 3 or false", true), ("no or yes and no", false),
            ("1 < 2 < 3", true), ("1 < 3 < 2", false), ("3 > 2 >= 2 > 1", true),
            ("\"v\" == nothing ?? \"v\"", true), ("1 + nothing ?? 2", 3), ("nothing ?? nothing ?? 3", 3),
            ("1 not in [1]", false), ("text not contains \"z\"", true), ("text not matches \"^z\"", true),
            ("yes ? 1 : no ? 2 : 3", 1), ("no ? 1 : no ? 2 : 3", 3), ("yes ?: no", true), ("nothing ?? no ? 1 : 2", 2),
            ("yes ? no ? 1 : 2 : 3", 2),
        ] as [(String, ExpressionValue)]
    )
    func `binds operators as the original does`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: [
        "nothing ?? 1 + 2", "nothing ?? 1 == 1", "nothing ?? 1 not in [1]", "1 not + 2", "1 not", "not 1 in [1]",
        "1 | 2", "text | upper", "text | text.upper()", "list | join()[0]", "list | first().foo", "x[0](1)", "\"a\"()",
        "nil.x", "1.x", "true[0]", "(1", "1)", "(1, 2)", "[,]", "{,}", "{a:1", "{1+1: 2}", "{in: 1}", "f(,)", "f(1 2)",
        "", " ", "let", "let x", "let x = 1", "let x = 1, x", "if yes { 1 }", "if yes { 1 } else 2", "yes ? 1",
        "yes ? : ",
        "text | ::upper()", "a.", "a.1", "a?.", "a[", "a[]", "a[1:2:3]", "foo::bar", "::", ":: 1", "1 +", "+", "..",
        "1 ..", "(1;)",
    ])
    func `refuses what the original refuses`(_ source: String) {
        let error = #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
        #expect(error?.code == .syntax)
    }

    @Test(
        arguments: [
            ("1; 2; 3", 3), ("1; 2;", 2), ("(1; 2)", 2), ("let a = 1; let b = a + 1; a + b", 3),
            ("let a = 1; (let b = 2; a + b) + a", 4), ("let text = 5; text", 5), ("(let a = 1; a) + (let a = 2; a)", 3),
            ("if yes { 1 } else { 2 }", 1), ("if no { 1 } else if no { 2 } else { let c = 3; c }", 3),
            ("(if yes { 1 } else { 2 }) + 1", 2), ("[if yes { 1 } else { 2 }, 3,]", [1, 3]),
        ] as [(String, ExpressionValue)]
    )
    func `reads sequences, variables and conditions`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: [
        "let x = 1; let x = 2; x", "let len = 1; len", "let filter = 1; filter", "let repeat = 1; 2",
        "if yes { 1 } else { 2 } + 1",
    ])
    func `refuses to hide a variable or a builtin`(_ source: String) {
        #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
    }

    @Test(
        arguments: [
            ("{a: 1, \"b\": 2, 3: 4, (\"c\" + \"d\"): 5,}", ["a": 1, "b": 2, "3": 4, "cd": 5]), ("{}", [:]),
            ("{true: 1, nil: 2}", ["true": 1, "nil": 2]), ("{a: 1, a: 2}", ["a": 1]), ("{`k`: {}}", ["k": [:]]),
            ("{0x1: 1}", ["0x1": 1]),
        ] as [(String, ExpressionValue)]
    )
    func `reads maps`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(
        arguments: [
            ("\"a b\" | split(\" \") | first()", "a"), ("list | map(# + \"!\") | join(\"-\")", "x!-y!-z!"),
            ("1 + 1 | string()", "2"), ("nothing?.foo ?? \"d\" | upper()", "D"), ("yes ? \"a\" : \"b\" | upper()", "a"),
            ("list | filter({# != \"x\"}) | len()", 2), ("list | count(# == \"x\")", 1), ("numbers | sum()", 6.0),
            ("numbers | reduce(#acc + #, 1)", 7.0), ("(list | first())[1:2]", ""),
        ] as [(String, ExpressionValue)]
    )
    func `pipes a value into a call`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test func `calls a builtin by its full name`() async throws {
        #expect(try await value(of: "::upper(\"a\") + (::len([1]) | string())") == "A1")
    }

    @Test(arguments: [
        "upper()", "upper(\"a\", \"b\")", "trim(\"a\", \"b\", \"c\")", "replace(\"a\", \"b\")", "split(\"a\")", "max()",
        "any(list)", "map(list)", "map(list, #, 1)", "len(nil)", "first(nil)", "int(nil)", "repeat(\"a\", 2.0)",
        "take(list, 1.5)", "bitand(1.0, 2)", "list | any()",
    ])
    func `refuses wrong arguments of builtins`(_ source: String) async throws {
        #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
    }

    @Test(arguments: [
        "\"5\" == 5", "true == \"true\"", "[1] == {}", "len(list) == \"3\"", "nil || true", "1 and true", "not 1",
        "!nil",
        "1 ? 2 : 3", "\"abc\"[0]", "\"x\" in \"xyz\"", "\"x\" in nil", "5 in {\"5\": 1}", "filter([1], 1)",
        "all({}, true)", "+\"a\"", "-nil", "1.5..3", "\"a\"..\"b\"", "[1, 2][1.0]", "[1][\"a\"]", "\"abc\"[0.5:]",
        "first(\"abc\")", "max(\"abc\")",
        "get(\"abc\", 0)", "\"a\" in [1, 2]", "\"a\" in 1..3", "1 in split(text, \"\")", "now() == 5",
        "now().Month() == 5", "now().year",
        "duration(\"1s\") + now() == 1", "now() - now() == now()", "if 1 { 2 } else { 3 }", "text matches \"(\"",
        "$env()",
    ])
    func `finds operands that never fit`(_ source: String) {
        let error = #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
        #expect(error?.code == .syntax)
    }

    /// The shapes that Kargo's documentation shows.
    @Test(arguments: [
        "vars.imageRepo", "ctx.targetFreight.name", "imageFrom(vars.registry + \"/\" + vars.name).Tag", "40 + 2",
        "quote(40 + 2)", "outputs['open-pr'].pr.id", "task.outputs['wait-for-pr'].commit", "secret('slack').token",
        "chartFrom(\"https://example.com/charts\", \"chart\", warehouse(\"w\")).Version",
        "{\"labels\": {\"app\": \"x\"}}",
        "freightMetadata(ctx.targetFreight.name)?.config?.settings?.timeoutSeconds ?? 300",
        "freightStatus(ctx.targetFreight.name).approvedFor?.prod?.approvedAt != nil",
        "stageMetadata(ctx.stage)['tier'] ?? \"d\"",
        "semverParse(outputs.read.version).IncMinor().String()", "semverDiff(vars.a, vars.b) != 'Major'",
        "failure() && status('step') == 'Succeeded'", "success() ? 'succeeded' : 'failed'", "response.body.facts[0]",
        "quote({ \"blocks\": [ { \"type\": \"section\", \"text\": { \"text\": \"🚀 \" + ctx.stage } } ], \"html\": false })",
        "join(map(outputs.approve.responses, \"- \" + .user + (.message == nil ? \"\" : \": \" + .message)), \"\\n\")",
        "any(issue.labels, {# in [\"approved\", \"lgtm\"]})", "response.status >= 400 && response.status < 500",
        "!(author == 'Bot') && commitDate.After(date('2025-01-01'))", "request.header('X-Event-Type') == 'push'",
        "response.body?.message ?? response.body?.error", "len(outputs['find'].issues) > 0", "output contains \"FAIL\"",
    ])
    func `reads what the documentation shows`(_ source: String) {
        #expect(throws: Never.self) { try ExpressionProgram(source) }
    }
}
