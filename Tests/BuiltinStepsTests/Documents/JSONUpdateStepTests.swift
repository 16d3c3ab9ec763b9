import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("json-update")
struct JSONUpdateStepTests {
    private func update(_ bench: StepBench, _ updates: [(String, JSONValue)]) async throws -> StepResult {
        let list = updates.map { JSONValue.object(["key": .string($0.0), "value": $0.1]) }
        return try await bench.run("json-update", ["path": "in.json", "updates": .array(list)])
    }

    @Test(
        arguments: [
            (#"{"a": 1}"#, "a", 2, #"{"a": 2}"#),
            (
                "{\r\n\t\"a\" : \"x\",\r\n\t\"b\":[1,2]\r\n}\r\n", "b.1", 3,
                "{\r\n\t\"a\" : \"x\",\r\n\t\"b\":[1,3]\r\n}\r\n"
            ),
            (#"{"a": {"b": [{"c": null}]}}"#, "a.b.0.c", "x", #"{"a": {"b": [{"c": "x"}]}}"#),
            (#"{"a": 1}"#, "a", "<&>\"\\é", #"{"a": "<&>\"\\é"}"#),
            (#"{"a": 1}"#, "a", 1_000_000, #"{"a": 1000000}"#),
            (#"{"a": 1}"#, "a", 9_007_199_254_740_993, #"{"a": 9007199254740993}"#),
            (#"{"a": 1}"#, "a", false, #"{"a": false}"#),
            (#"{"a": {"b": 1}}"#, "a", 2, #"{"a": 2}"#),
            (#"{"a": 1, "a": 2}"#, "a", 3, #"{"a": 3, "a": 2}"#),
            ("", "a.b", 1, #"{"a":{"b":1}}"#),
            (" \n", "a", 1, #"{"a":1}"#),
            ("{}", "a.b", 1, #"{"a":{"b":1}}"#),
            ("{}\n", "a.1", 1, #"{"a":[null,1]}"# + "\n"),
            ("{}", "a.-1", 1, #"{"a":[1]}"#),
            ("{}", "a.:1", 1, #"{"a":{"1":1}}"#),
            ("{}", "0", 1, #"{"0":1}"#),
            ("{\n  \"a\": 1\n}\n", "b", 2, "{\n  \"a\": 1,\n  \"b\": 2\n}\n"),
            ("{\n  \"a\": 1\n}\n", "b.c", 2, "{\n  \"a\": 1,\n  \"b\": {\"c\":2}\n}\n"),
            (#"{"a":[1]}"#, "a.3", 2, #"{"a":[1,null,null,2]}"#),
            (#"{"a":[1, 2]}"#, "a.-1", 3, #"{"a":[1, 2, 3]}"#),
            (#"{"a":[]}"#, "a.1.b", 3, #"{"a":[null,{"b":3}]}"#),
            (#"{"a": 1}"#, "a.b", 2, #"{"a": {"b":2}}"#),
            (#"{"a.b": 1}"#, "a\\.b", 2, #"{"a.b": 2}"#),
            (#"{"a:b": 1, "*": 1}"#, "a:b", 2, #"{"a:b": 2, "*": 1}"#),
            (#"{"\u0061": 1}"#, "a", 2, #"{"\u0061": 2}"#),
            (#"{"ab": 1, "ac": 1}"#, "a*", 2, #"{"ab": 2, "ac": 1}"#),
            (#"{"ab": 1}"#, "a?", 2, #"{"ab": 2}"#),
            (#"{"ab": 1}"#, "x*", 2, #"{"ab": 1}"#),
            (#"{"l": [{"v": 1}, {"v": 2}, {}]}"#, "l.#.v", 3, #"{"l": [{"v": 3}, {"v": 3}, {}]}"#),
            (#"{"l": [1]}"#, "l.#", 3, #"{"l": [1]}"#),
            (#"{"l": [1]}"#, "l|0", 3, #"{"l": [3]}"#),
            (#"{"a@b": 1}"#, "a@b", 2, #"{"a@b": 2}"#),
            (#"{"a": 1}"#, "@reverse.a", 2, #"{"a": 1}"#),
            ("[1, 2]", "0", 3, "[3, 2]"),
        ] as [(String, String, JSONValue, String)]
    )
    func `sets a value and changes nothing else`(
        text: String,
        key: String,
        value: JSONValue,
        expected: String
    ) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.json")
            #expect(try await update(bench, [(key, value)]).status == .succeeded)
            #expect(try bench.read("in.json") == expected)
        }
    }

    @Test(
        arguments: [
            (#"l.#(n=="b").t"#, [1]), (#"l.#(n="b").t"#, [1]), (#"l.#[n=="b"].t"#, [1]), ("l.#(n==b).t", [1]),
            (#"l.#(n=="a")#.t"#, [0, 2]), (#"l.#(n=="a")#|t"#, []), (#"l.#(n=="x").t"#, []), (#"l.#(n!="a").t"#, [1]),
            (#"l.#(n>"a").t"#, [1]),
            (#"l.#(n<="a")#.t"#, [0, 2, 3]), (#"l.#(n%"a*")#.t"#, [0, 2]), (#"l.#(n!%"a*")#.t"#, [1, 3]),
            ("l.#(p>1)#.t", [1]), ("l.#(p>=1)#.t", [0, 1, 2]), ("l.#(p<2)#.t", [0, 2]), ("l.#(p==1).t", [0]),
            ("l.#(on==true)#.t", [2]), ("l.#(on==false)#.t", [1]), ("l.#(on).t", [1]), ("l.#(on)#.t", [1, 2]),
            ("l.#(on==~true)#.t", [2]), ("l.#(on==~false)#.t", [0, 1, 3]), ("l.#(on==~null)#.t", [0, 3]),
            ("l.#(on==~*)#.t", [1, 2]), ("l.#(on==~what)#.t", []), (#"l.#(d.e=="f").t"#, [0]),
            (#"l.#(s.#(=="y"))#.t"#, [3]), (#"l.#(n==")")#.t"#, [3]),
            (#"l.#( n == "b" ).t"#, [1]), (#"x.#(n=="a").t"#, []), (#"l.0.#(n=="a").t"#, []), (#"l.#(="a").t"#, []),
        ] as [(String, [Int])]
    )
    func `follows queries to what is there`(key: String, changed: [Int]) async throws {
        let elements = [
            #"{"n": "a", "p": 1, "d": {"e": "f"}, "t": 0}"#, #"{"n": "b", "p": 2, "on": false, "t": 0}"#,
            #"{"n": "a", "p": "1", "on": true, "t": 0}"#, #"{"n": ")", "s": ["x", "y"], "t": 0}"#,
        ]
        let text = { (changed: [Int]) in
            let elements = elements.enumerated()
                .map { changed.contains($0.offset) ? $0.element.replacing(#""t": 0"#, with: #""t": 9"#) : $0.element }
            return "{\"l\": [\n  \(elements.joined(separator: ",\n  "))\n]}\n"
        }
        try await StepBench.with { bench async throws in
            try bench.write(text([]), to: "in.json")
            let result = try await update(bench, [(key, 9)])
            #expect(result.status == .succeeded, "\(result)")
            #expect(try bench.read("in.json") == text(changed))
        }
    }

    @Test(
        arguments: [
            ("l.#(==\"b\")", #"["a", 9, "b"]"#), ("l.#(==\"b\")#", #"["a", 9, 9]"#), ("l.#(%\"?\")#", "[9, 9, 9]"),
        ]
    )
    func `replaces the elements themselves`(key: String, expected: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(#"{"l": ["a", "b", "b"]}"#, to: "in.json")
            #expect(try await update(bench, [(key, 9)]).status == .succeeded)
            #expect(try bench.read("in.json") == "{\"l\": \(expected)}")
        }
    }

    @Test func `sets values one after the other and tells which`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("{}", to: "in.json")
            let result = try await update(bench, [("l.0.a", "x\"y"), ("l.0.b", 10_000_000), ("l.-1", true)])
            let message = "Updated in.json\n\n- l.0.a: \"x\\\"y\"\n- l.0.b: 10000000\n- l.-1: true"
            #expect(result == .succeeded(output: ["commitMessage": .string(message)]))
            #expect(try bench.read("in.json") == #"{"l":[{"a":"x\"y","b":10000000},true]}"#)
        }
    }

    @Test(arguments: ["l.x", "l.:0", "l.200000", "l.#(a==1", "l.#()", "l.#(a!1)", "l.#(a.#.b==1).c", "l.#x", "l.x#"])
    func `changes nothing if one key is wrong`(key: String) async throws {
        try await StepBench.with { bench async throws in
            let text = #"{"a": 1, "l": [1]}"#
            try bench.write(text, to: "in.json")
            #expect(try await update(bench, [("a", 2), (key, 3)]).status == .errored)
            #expect(try bench.read("in.json") == text)
        }
    }

    @Test(arguments: ["{", "{\"a\": }", "{} x", "nope"])
    func `can't change what is no JSON`(text: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.json")
            #expect(try await update(bench, [("a", 2)]).status == .errored)
            #expect(try bench.read("in.json") == text)
        }
    }

    @Test(arguments: [nil, [1], ["a": 1]] as [JSONValue])
    func `takes single values only`(value: JSONValue) async throws {
        try await StepBench.with { bench async throws in
            #expect(try await update(bench, [("a", value)]).status == .failed)
        }
    }
}

@Suite("json-parse")
struct JSONParseStepTests {
    @Test(
        arguments: [
            (#"{"a": {"b": [1, "x"]}}"#, "a.b[1]", "x"), (#"{"a": 12345678901}"#, "a", 12_345_678_901),
            (#"{"a": 1}"#, "missing", .null), ("[1, 2]", "$env[0]", 1), ("[1, 2]", "len($env)", 2),
            (#"{"k-e-y": 1}"#, "$env[\"k-e-y\"]", 1), ("\"x\"", "$env", "x"),
        ] as [(String, String, JSONValue)]
    )
    func `puts out parts of a document`(text: String, expression: String, value: JSONValue) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.json")
            let outputs: JSONValue = [["name": "o", "fromExpression": .string(expression)]]
            let result = try await bench.run("json-parse", ["path": "in.json", "outputs": outputs])
            #expect(result == .succeeded(output: ["o": value]))
        }
    }

    @Test(arguments: [("", "a"), ("{", "a"), ("{}", "a.b"), (#"{"a": 1}"#, "a +")])
    func `breaks, and may be tried again`(text: String, expression: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "in.json")
            let outputs: JSONValue = [["name": "o", "fromExpression": .string(expression)]]
            let result = try await bench.run("json-parse", ["path": "in.json", "outputs": outputs])
            #expect(result.status == .errored)
            #expect(result.failure == .retryable(result.message))
        }
    }
}
