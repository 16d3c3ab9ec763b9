import KargoCore
import Testing

@Suite("Configuration of steps")
struct ConfigSchemaTests {
    @Test(
        arguments: [
            ("copy", [:], "(root): inPath is required"),
            ("copy", ["inPath": "a"], "(root): outPath is required"),
            ("copy", ["inPath": "", "outPath": "b"], "inPath: String length must be greater than or equal to 1"),
            ("copy", ["inPath": 1, "outPath": "b"], "inPath: Invalid type. Expected: string, given: integer"),
            ("copy", ["inPath": "a", "outPath": "b", "x": 1], "(root): Additional property x is not allowed"),
            ("copy", ["inPath": "a", "outPath": "b", "ignore": ""], "ignore: String length must be"),
            ("delete", [:], "(root): Must validate one and only one schema (oneOf)"),
            ("delete", ["path": "a", "paths": ["b"]], "(root): Must validate one and only one schema (oneOf)"),
            ("delete", ["paths": []], "paths: Array must have at least 1 items"),
            ("delete", ["paths": [""]], "paths.0: String length must be greater than or equal to 1"),
            ("delete", ["path": "a", "strict": "yes"], "strict: Invalid type. Expected: boolean, given: string"),
            ("compose-output", [:], "(root): Must have at least 1 properties"),
            ("fail", ["message": ""], "message: String length must be greater than or equal to 1"),
            ("file-write", ["path": "x"], "(root): contents is required"),
            ("file-write", ["path": "x", "contents": "", "permissions": "644"], "permissions: Does not match pattern"),
            ("file-write", ["path": "x", "contents": "", "permissions": "07777"], "permissions: Does not match"),
            ("yaml-update", ["path": "x", "updates": []], "updates: Array must have at least 1 items"),
            ("yaml-update", ["path": "x", "updates": [["key": "a"]]], "updates.0: value is required"),
            ("yaml-parse", ["path": "x", "outputs": [["name": "a"]]], "outputs.0: fromExpression is required"),
            ("http", [:], "(root): url is required"),
            ("http", ["url": "x", "method": "TRACE"], "method: Does not match pattern"),
            ("http", ["url": "x", "body": "a", "bodyFromFile": "b"], "(root): Must validate one and only one schema"),
            ("http", ["url": "x", "timeout": "x10s"], "timeout: Does not match pattern"),
            ("http", ["url": "x", "proxy": "ftp://p"], "proxy: Does not match pattern"),
            ("http", ["url": "x", "headers": [["name": "a"]]], "headers.0: value is required"),
            ("http", ["url": "x", "responseContentType": "text/html"], "responseContentType: Does not match pattern"),
            ("json-parse", ["path": "x", "outputs": []], "outputs: Array must have at least 1 items"),
            ("toml-parse", ["outputs": [["name": "a", "fromExpression": "b"]]], "(root): path is required"),
            (
                "json-update", ["path": "x", "updates": [["key": "", "value": 1]]],
                "updates.0.key: String length"
            ),
            (
                "toml-update", ["path": "x", "updates": [["key": "a", "value": .null]]], "updates.0.value: Invalid type"
            ),
            ("hcl-update", ["path": "x", "updates": [["key": "a", "value": [1]]]], "updates.0.value: Invalid type"),
            ("yaml-merge", ["inFiles": [], "outFile": "x"], "inFiles: Array must have at least 1 items"),
            ("yaml-merge", ["inFiles": ["a"]], "(root): outFile is required"),
            ("tar", ["inPath": "x"], "(root): outPath is required"),
            ("tar", ["inPath": "x", "outPath": "y", "gzip": "yes"], "gzip: Invalid type. Expected: boolean"),
            ("untar", ["inPath": "x", "outPath": "y", "stripComponents": -1], "stripComponents: Must be greater than"),
            ("untar", ["inPath": "x", "outPath": "y", "stripComponents": 1.5], "stripComponents: Invalid type"),
            ("untar", ["inPath": "x", "outPath": "y", "ignore": ""], "ignore: String length must be"),
            ("copy", [1], "(root): Invalid type. Expected: object, given: array"),
        ] as [(String, JSONValue, String)]
    )
    func `fails for good where it does not fit`(kind: String, config: JSONValue, problem: String) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run(kind, config)
            #expect(result.status == .failed)
            #expect(result.failure == .terminal(result.message))
            #expect(result.message.hasPrefix("invalid \(kind) config: "))
            #expect(result.message.contains(problem))
        }
    }

    @Test func `names all problems`() async throws {
        try await StepBench.with { bench async throws in
            let message = try await bench.run("copy", .null).message
            #expect(message == "invalid copy config: (root): inPath is required\n(root): outPath is required")
        }
    }
}
