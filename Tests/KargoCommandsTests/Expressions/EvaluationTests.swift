import KargoCore
import Testing

@testable import KargoCommands

@Suite("Expressions on the command line")
struct EvaluationTests {
    private let environment = ExpressionEnvironment(
        variables: ["vars": ["x": 1, "name": "web", "list": [1, 2.5, "a"], "empty": [:]]],
        functions: OfflineFunctions.all
    )

    private func evaluation(_ language: Evaluation.Language = .expression) -> Evaluation {
        Evaluation(environment: environment, language: language)
    }

    private func answer(_ text: String, _ language: Evaluation.Language = .expression) async throws -> String {
        try await evaluation(language).answer(to: .text(text)).text
    }

    @Test(
        arguments: [
            ("vars.x + 1", "2"), ("vars.name", "\"web\""), ("vars.missing", "null"), ("vars.empty", "{}"),
            ("vars.list", "[\n  1,\n  2.5,\n  \"a\"\n]"),
            ("{\"b\": [1], \"a\": {}}", "{\n  \"a\": {},\n  \"b\": [\n    1\n  ]\n}"),
            ("duration(\"1s\")", "1000000000"), ("date(\"2026-01-02\")", "\"2026-01-02T00:00:00Z\""), ("1e21", "1e+21"),
            ("\"<a\\nb>\"", "\"\\u003ca\\nb\\u003e\""),
        ]
    )
    func `give values as Go writes them in JSON`(expression: String, expected: String) async throws {
        #expect(try await evaluation().text(of: expression, isRaw: false) == expected)
    }

    @Test(arguments: [("vars.name", "web"), ("\"<a\\nb>\"", "<a\nb>"), ("vars.x", "1"), ("[\"a\"]", "[\n  \"a\"\n]")])
    func `give a string without quotes where it is wanted raw`(expression: String, expected: String) async throws {
        #expect(try await evaluation().text(of: expression, isRaw: true) == expected)
    }

    @Test(
        arguments: [
            ("a ${{ vars.name }}", "{\"value\":\"a web\",\"type\":\"string\"}\n"),
            ("${{ vars.x }}${{ 2 }}", "{\"value\":12,\"type\":\"float\"}\n"),
            ("${{ quote(vars.x) }}", "{\"value\":\"1\",\"type\":\"string\"}\n"),
            ("${{ asYAML(vars.list) }}", "{\"value\":\"- 1\\n- 2.5\\n- a\\n\",\"type\":\"string\"}\n"),
            ("{\"list\": ${{ vars.list }}}", "{\"value\":{\"list\":[1,2.5,\"a\"]},\"type\":\"map\"}\n"),
            ("${% {\"a\": {\"b\": 1}} %}", "{\"value\":{\"a\":{\"b\":1}},\"type\":\"map\"}\n"),
            ("42", "{\"value\":\"42\",\"type\":\"string\"}\n"), ("", "{\"value\":\"\",\"type\":\"string\"}\n"),
        ]
    )
    func `may be templates`(text: String, expected: String) async throws {
        #expect(try await answer(text, .template) == expected)
    }

    @Test(
        arguments: [
            ("nil", "nil"), ("true", "bool"), ("1", "int"), ("1.0", "float"), ("\"a\"", "string"), ("[1]", "array"),
            ("{}", "map"), ("b\"x\"", "array"), ("duration(\"1s\")", "time.Duration"),
            ("date(\"2026-01-02\")", "time.Time"),
            ("date(\"2026-01-02\").Month()", "time.Month"), ("semverParse(\"1.2.3\")", "unknown"),
            ("semverParse(\"1.2.3\").Major()", "uint"),
        ]
    )
    func `are answered with the word of the language's own function`(expression: String, type: String) async throws {
        #expect(try await answer(expression).hasSuffix(",\"type\":\"\(type)\"}\n"))
        #expect(try await answer("type(\(expression))") == "{\"value\":\"\(type)\",\"type\":\"string\"}\n")
    }

    @Test(
        arguments: [
            ("1 +", "{\"error\":\"the expression ends too early\\n    1 +\\n       ^\"}\n"),
            ("", "{\"error\":\"the expression ends too early\\n    \\n    ^\"}\n"),
            ("1/0", "{\"error\":\"JSON has no +Inf\"}\n"),
        ]
    )
    func `that fail are answered with the reason and the place`(expression: String, expected: String) async throws {
        #expect(try await answer(expression) == expected)
    }

    @Test func `are answered with an error for a line that is no text`() async throws {
        #expect(try await evaluation().answer(to: .notUTF8) == .failure("the line is not UTF-8 text"))
        #expect(try await evaluation().answer(to: .tooLong) == .failure("the line is longer than 16 MiB"))
    }

    @Test(arguments: ["${{ 1 }}", " ${{ 1 }}", "${% 1 %}"])
    func `in braces point to the option for them`(text: String) async throws {
        let error = await #expect(throws: CommandError.self) { try await evaluation().text(of: text, isRaw: false) }
        #expect(error?.description == "an expression has no ${{ }} around it; --template takes a text that has")
    }

    @Test(arguments: ["groupBy([1], #)", "0/0", "[semverParse(\"1.2.3\").IncMinor]"])
    func `whose value has no JSON fail`(expression: String) async throws {
        let error = await #expect(throws: CommandError.self) {
            try await evaluation().text(of: expression, isRaw: true)
        }
        #expect(error?.description.contains("JSON") == true, "\(error?.description ?? "")")
    }

    @Test(
        arguments: [
            "imageFrom(\"r\").Tag", "commitFrom(\"r\")", "chartFrom(\"r\", \"n\")", "artifactFrom(\"a\")",
            "warehouse(\"w\")", "secret(\"s\").token", "sharedSecret(\"s\")", "configMap(\"c\")",
            "sharedConfigMap(\"c\")", "freightMetadata(\"f\")", "freightStatus(\"f\")", "stageMetadata(\"s\")",
        ]
    )
    func `that need a Promotion say what it takes`(expression: String) async throws {
        let name = try #require(expression.split(separator: "(").first)
        let error = await #expect(throws: CommandError.self) {
            try await evaluation().text(of: expression, isRaw: false)
        }
        #expect(error?.description.hasPrefix("\(name)() needs --stage and --freight\n    \(name)(") == true)
    }

    @Test func `without a Promotion stand before its first step`() async throws {
        let text = "[always(), success(), failure(), status(\"build\"), semverDiff(\"1.0.0\", \"1.1.0\")]"
        #expect(try await answer(text) == "{\"value\":[true,true,false,\"\",\"Minor\"],\"type\":\"array\"}\n")
    }

    @Test func `keep Secrets out of messages only`() async throws {
        let redactor = SecretRedactor()
        redactor.add("hunter2-hunter2")
        var evaluation = evaluation()
        evaluation.redactor = redactor
        let message = try await evaluation.answer(to: .text("\"hunter2-hunter2\" + 1")).text
        #expect(message.hasPrefix("{\"error\":") && !message.contains("hunter2"), "\(message)")
        #expect(try await evaluation.text(of: "\"hunter2-hunter2\"", isRaw: true) == "hunter2-hunter2")
    }
}
