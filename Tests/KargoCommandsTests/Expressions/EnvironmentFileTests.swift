import KargoCore
import KargoTestSupport
import Testing

@testable import KargoCommands

@Suite("Files of variables")
struct EnvironmentFileTests {
    private func variables(_ text: String) throws -> [String: ExpressionValue] {
        try EnvironmentFile.variables(in: text, of: "env.yaml")
    }

    @Test(
        arguments: [
            ("vars: {x: 1, big: 9007199254740993, half: 1.5, one: 1.0, flag: true, none: null, list: [a, 2]}", false),
            (
                "{\n\t\"vars\": {\"x\": 1, \"big\": 9007199254740993, \"half\": 1.5, \"one\": 1.0, \"flag\": true, "
                    + "\"none\": null, \"list\": [\"a\", 2]}\n}", true
            ),
        ]
    )
    func `keep integers apart from numbers with a fraction`(text: String, isJSON: Bool) throws {
        let vars: ExpressionValue = [
            "x": 1, "big": 9_007_199_254_740_993, "half": 1.5, "one": 1.0, "flag": true, "none": .null,
            "list": ["a", 2],
        ]
        #expect(try variables(text) == ["vars": vars])
    }

    @Test func `have names that are to YAML something else`() throws {
        let text = """
            y: 1
            on: {n: 2, 3: c}
            shared: &shared {no: 4}
            other: *shared
            merged: {<<: *shared, yes: yes}
            """
        #expect(
            try variables(text) == [
                "y": 1, "on": ["n": 2, "3": "c"], "shared": ["no": 4], "other": ["no": 4],
                "merged": ["no": 4, "yes": true],
            ]
        )
    }

    @Test(arguments: ["", "# nothing yet\n", "---\n"])
    func `may be empty`(text: String) throws {
        #expect(try variables(text).isEmpty)
    }

    @Test(
        arguments: [
            ("[1]", "line 1, column 1: expected a map of variables, such as \"vars: {image: nginx}\", found array"),
            ("\n\njust text", "line 3, column 1: expected a map of variables"),
            ("vars:\n  a: [\n", "line 3, column 1: "), ("a: 1\na: 2", "line 2, column 1: the key \"a\" stands twice"),
            ("a: 1\n---\nb: 2", "line 3, column 1: expected one document, found another"),
            ("a: .inf", "line 1, column 4: "), ("~: 1", "line 1, column 1: a key"),
        ]
    )
    func `are refused with the line and what is expected`(text: String, reason: String) {
        let error = #expect(throws: CommandError.self) { try variables(text) }
        #expect(error?.description.hasPrefix("env.yaml: \(reason)") == true, "\(error?.description ?? "")")
    }

    @Test(
        arguments: [
            ("{\"a\": 1 \"b\"}", "line 1, column 9: "), ("a: 1", "line 1, column 1: "),
            ("[]", "line 1, column 1: expected a map of variables"), ("{\n\"a\": 1,}", "line 2, column 8: "),
        ]
    )
    func `are JSON where they are called so`(text: String, reason: String) {
        let error = #expect(throws: CommandError.self) { try EnvironmentFile.variables(in: text, of: "env.json") }
        #expect(error?.description.hasPrefix("env.json: \(reason)") == true, "\(error?.description ?? "")")
    }

    @Test func `can't grow without bounds`() {
        var text = "a0: &a0 [x]\n"
        for level in 1...30 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        let error = #expect(throws: CommandError.self) { try variables(text) }
        #expect(error?.description.contains("too many nodes") == true, "\(error?.description ?? "")")
    }

    @Test func `count the more the later they come`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("vars: {a: 1}\nctx: {stage: test}", to: "1.yaml")
            try directory.write("{\"vars\": {\"b\": 2}}", to: "2.json")
            let files = ["1.yaml", "2.json"].map { InputFile(path: directory.file($0)) }
            #expect(try EnvironmentFile.variables(in: files) == ["vars": ["b": 2], "ctx": ["stage": "test"]])
        }
    }

    @Test func `are named where they can't be read`() async throws {
        try await ScopedDirectory.with { directory in
            let absent = InputFile(path: directory.file("absent"))
            let error = #expect(throws: CommandError.self) { try EnvironmentFile.variables(in: [absent]) }
            #expect(error?.description == "\(absent.path): can't be read: no such file or directory")
        }
    }
}
