import KargoCore
import Testing

/// What a call of a template function gives for a variable `x`: the text, without the quotes that are around all of it.
private func result(of call: String, _ value: ExpressionValue) async throws -> ExpressionValue {
    try await Template("${{ \(call) }}").evaluate(in: ExpressionEnvironment(variables: ["x": value]))
}

private let moment = GoTime(secondsSince1970: 1_704_164_645, nanosecond: 500_000_000)
private let commit = ExpressionValue.record(
    ExpressionRecord(
        typeName: "unknown",
        fields: [
            ExpressionRecord.Field("RepoURL", jsonName: "repoURL", "u"),
            ExpressionRecord.Field("Branch", jsonName: nil, ""),
            ExpressionRecord.Field("ID", jsonName: "id", "<a>"),
        ]
    )
)

private func version(_ text: String) async throws -> ExpressionValue {
    try await ExpressionProgram("semverParse(\"\(text)\")")
        .evaluate(in: ExpressionEnvironment(functions: [.semverParse]))
}

@Suite struct QuoteFunctionTests {
    @Test(arguments: [
        ("", ""), ("plain", "plain"), ("42", "42"), ("true", "true"), ("null", "null"), ("{\"a\": 1}", #"{\"a\": 1}"#),
        ("say \"hi\"", #"say \"hi\""#), ("\"", #"\""#), ("a\\b", #"a\\b"#), ("it's", "it's"), ("`", "`"),
        ("a\nb\n", #"a\nb\n"#), ("\t\r\u{7}\u{8}\u{B}\u{C}", #"\t\r\a\b\v\f"#),
        ("\0\u{1}\u{1B}\u{7F}", #"\x00\x01\x1b\x7f"#), ("\u{80}\u{85}\u{9F}", #"\u0080\u0085\u009f"#),
        ("a\u{A0}b\u{AD}", #"a\u00a0b\u00ad"#), ("\u{200B}\u{200D}\u{2028}\u{2029}", #"\u200b\u200d\u2028\u2029"#),
        ("\u{2003}\u{3000}", #"\u2003\u3000"#), ("\u{FEFF}", #"\ufeff"#), ("\u{E000}\u{FFFF}", #"\ue000\uffff"#),
        ("\u{10FFFF}\u{E0001}", #"\U0010ffff\U000e0001"#), ("\u{FFFD}", "\u{FFFD}"),
        ("é e\u{301} 你好 😀", "é e\u{301} 你好 😀"),
        ("👩‍🚀", #"👩\u200d🚀"#), ("<&>", "<&>"), ("${{ 1 }}", "${{ 1 }}"),
    ])
    func `escapes a string as Go's strconv does`(_ text: String, _ quoted: String) async throws {
        #expect(try await result(of: "quote(x)", .string(text)) == .string(quoted))
    }

    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (5, "5"), (.unsigned(.max), "18446744073709551615"), (42.0, "42"),
            (1e21, "1e+21"), (1e-7, "1e-7"), (["a": ["<\"\n>"], "B": .null], #"{"B":null,"a":["\u003c\"\n\u003e"]}"#),
            ([], "[]"), ([:], "{}"), (.map(ExpressionMap(texts: ["a": "b"])), #"{"a":"b"}"#),
            (.bytes(Array("hi".utf8)), #""aGk=""#), (.time(moment), #""2024-01-02T03:04:05.5Z""#),
            (.duration(GoDuration(nanoseconds: 1500)), "1500"), (commit, #"{"repoURL":"u","id":"\u003ca\u003e"}"#),
            (.calendar(.month(3)), "3"),
        ] as [(ExpressionValue, String)]
    )
    func `puts compact JSON of anything else between quotes`(_ value: ExpressionValue, _ text: String) async throws {
        #expect(try await result(of: "quote(x)", value) == .string(text))
        #expect(try await result(of: "unsafeQuote(x)", value) == .string(text))
    }

    @Test func `keeps the quotes of a version`() async throws {
        #expect(try await result(of: "quote(x)", version("v1.2-rc.1+b")) == "\"1.2.0-rc.1+b\"")
        #expect(try await result(of: "quote(x.String())", version("v1.2")) == "1.2.0")
    }

    @Test(arguments: [
        ("a", #""a""#), ("a\nb", #""a\nb""#), ("say \"hi\"", #""say \"hi\"""#), ("<", #""\u003c""#), ("é", "\"é\""),
        ("\u{2028}\u{1}", #""\u2028\u0001""#), ("", #""""#),
    ])
    func `has a form that makes JSON of strings too`(_ text: String, _ quoted: String) async throws {
        #expect(try await result(of: "unsafeQuote(x)", .string(text)) == .string(quoted))
    }

    @Test func `nests`() async throws {
        #expect(try await result(of: "quote(quote(x))", "a") == #"\"a\""#)
        #expect(try await result(of: "quote(unsafeQuote(x))", "a") == #"\"\"a\"\""#)
        #expect(try await result(of: "x | quote() | len()", "ab") == 4.0)
    }
}

@Suite struct AsJSONFunctionTests {
    @Test(
        arguments: [
            (.null, "null\n"), ("x", "\"x\"\n"), (1.0, "1\n"), ([], "[]\n"), ([:], "{}\n"),
            (["b": 1, "a": [1.5, [:], []]], "{\n  \"a\": [\n    1.5,\n    {},\n    []\n  ],\n  \"b\": 1\n}\n"),
            (["<": "a&\u{2029}"], "{\n  \"\\u003c\": \"a\\u0026\\u2029\"\n}\n"),
            (["a10": 1, "a2": 2], "{\n  \"a10\": 1,\n  \"a2\": 2\n}\n"),
            (commit, "{\n  \"repoURL\": \"u\",\n  \"id\": \"\\u003ca\\u003e\"\n}\n"),
            (.bytes([]), "\"\"\n"), (.time(moment), "\"2024-01-02T03:04:05.5Z\"\n"),
            (.duration(GoDuration(nanoseconds: 90_000_000_000)), "90000000000\n"),
        ] as [(ExpressionValue, String)]
    )
    func `indents by two and sorts the keys`(_ value: ExpressionValue, _ text: String) async throws {
        #expect(try await result(of: "asJSON(x)", value) == .string(text))
    }

    @Test(arguments: [.infinity, -.infinity, .nan] as [Double])
    func `refuses numbers that JSON has not`(_ number: Double) async throws {
        await #expect(throws: ExpressionError.self) { try await result(of: "asJSON(x)", .double(number)) }
        await #expect(throws: ExpressionError.self) { try await result(of: "quote(x)", .double(number)) }
    }

    @Test(arguments: ["asJSON", "quote", "unsafeQuote"])
    func `refuses maps whose keys are no strings`(_ function: String) async throws {
        await #expect(throws: ExpressionError.self) { try await result(of: "\(function)(groupBy(x, #))", [1]) }
    }
}

@Suite struct TemplateFunctionErrorTests {
    static let names = ["quote", "unsafeQuote", "asYAML", "asJSON"]

    @Test(arguments: names)
    func `says how many arguments it takes`(_ name: String) async throws {
        for call in ["\(name)()", "\(name)(1, 2)"] {
            let error = await #expect(throws: ExpressionError.self) { try await result(of: "1 + \(call)", .null) }
            #expect(
                error?.message.contains("\(name) takes 1 argument and is given ") == true,
                "\(error?.message ?? "")"
            )
            #expect(error?.place.map { $0.source.dropFirst($0.range.lowerBound).hasPrefix(call) } == true)
        }
    }

    @Test(arguments: names)
    func `refuses a function and says where`(_ name: String) async throws {
        let value = ExpressionValue.function(ExpressionFunction("f", arity: 0...0) { _ in .null })
        let error = await #expect(throws: ExpressionError.self) {
            try await result(of: "[\(name)({a: [x]})]", value)
        }
        #expect(error?.message.hasPrefix("a function can't be written as ") == true)
        #expect(error?.message.hasSuffix("; call it") == true)
        #expect(error?.place?.range.lowerBound == 2)
    }

    @Test func `refuses text that is too large to be quoted`() async throws {
        let text = String(repeating: "a", count: 33 << 20)
        let error = await #expect(throws: ExpressionError.self) { try await result(of: "quote(x)", .string(text)) }
        #expect(error?.code == .limit)
    }

    @Test(arguments: names)
    func `goes before a function of the environment`(_ name: String) async throws {
        var environment = ExpressionEnvironment()
        environment.add(ExpressionFunction(name, arity: 1...1) { _ in "mine" })
        #expect(try await Template("${{ \(name)(1) }}").evaluate(in: environment) != "mine")
    }
}
