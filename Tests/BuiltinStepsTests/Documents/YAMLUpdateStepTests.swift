import KargoCore
import KargoTestSupport
import Testing

@Suite("yaml-update")
struct YAMLUpdateStepTests {
    private func update(_ bench: StepBench, _ updates: [String: JSONValue]) async throws -> StepResult {
        let list = updates.sorted { $0.key < $1.key }
            .map { JSONValue.object(["key": .string($0.key), "value": $0.value]) }
        return try await bench.run("yaml-update", ["path": "values.yaml", "updates": .array(list)])
    }

    @Test(
        arguments: [
            ("image.tag", "v2", "image:\n  tag: v2 # the tag\n  port: 80\nlist: [a, {k: v}]\n"),
            ("image.port", 1_000_000, "image:\n  tag: v1 # the tag\n  port: 1000000\nlist: [a, {k: v}]\n"),
            ("list.0", "b", "image:\n  tag: v1 # the tag\n  port: 80\nlist: [b, {k: v}]\n"),
            ("list.1.k", "42", "image:\n  tag: v1 # the tag\n  port: 80\nlist: [a, {k: \"42\"}]\n"),
            (" image.:tag ", true, "image:\n  tag: true # the tag\n  port: 80\nlist: [a, {k: v}]\n"),
        ] as [(String, JSONValue, String)]
    )
    func `changes just the scalar`(key: String, value: JSONValue, expected: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write("image:\n  tag: v1 # the tag\n  port: 80\nlist: [a, {k: v}]\n", to: "values.yaml")
            #expect(try await update(bench, [key: value]).status == .succeeded)
            #expect(try bench.read("values.yaml") == expected)
        }
    }

    @Test func `tells what it has done as a commit message`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("a: 1\nb: 1\nc: 1\nd.e: 1\n", to: "values.yaml")
            let result = try await update(bench, ["a": "x", "b": 10_000_000, "c": "42", "d\\.e": false])
            #expect(
                result
                    == .succeeded(output: [
                        "commitMessage":
                            "Updated values.yaml\n\n- a: x\n- b: 10000000\n- c: \"42\"\n- d\\.e: false"
                    ])
            )
            #expect(try bench.read("values.yaml") == "a: x\nb: 10000000\nc: \"42\"\nd.e: false\n")
        }
    }

    @Test(arguments: ["none", "a.b", "list", "list.5", "list.x", "a..b", "a\\x", "a:b", ".", "\\"])
    func `changes nothing if one key is wrong`(key: String) async throws {
        try await StepBench.with { bench async throws in
            let text = "a: 1\nlist:\n- 1\n"
            try bench.write(text, to: "values.yaml")
            let result = try await update(bench, ["a": 2, key: 3])
            #expect(result.status == .errored)
            #expect(result.message.contains("values.yaml"))
            #expect(try bench.read("values.yaml") == text)
        }
    }

    @Test func `keeps mode, line ends and the end of the file`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("a: 1\r\nb: 2", to: "values.yaml")
            try bench.setMode(0o640, of: "values.yaml")
            #expect(try await update(bench, ["b": 3]).status == .succeeded)
            #expect(try bench.read("values.yaml") == "a: 1\r\nb: 3")
            #expect(try bench.mode("values.yaml") == 0o640)
        }
    }

    @Test func `changes the file that a link leads to, inside`() async throws {
        try await StepBench.with { bench async throws in
            try bench.outside.write("a: 1\n", to: "outside.yaml")
            try bench.write("a: 1\n", to: "real.yaml")
            try bench.link("values.yaml", to: "real.yaml")
            #expect(try await update(bench, ["a": 2]).status == .succeeded)
            #expect(try bench.read("real.yaml") == "a: 2\n")
            try bench.link("out.yaml", to: "../outside.yaml")
            let result = try await bench.run(
                "yaml-update",
                ["path": "out.yaml", "updates": [["key": "a", "value": 2]]]
            )
            #expect(result.status == .errored)
            #expect(try bench.outside.read("outside.yaml") == "a: 1\n")
        }
    }

    @Test(arguments: ["", "a: [", "\u{FEFF}", "a:\n\tb: 1\n"])
    func `can't change what is no mapping`(text: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write(text, to: "values.yaml")
            #expect(try await update(bench, ["a": 1]).status == .errored)
            #expect(try bench.read("values.yaml") == text)
        }
    }

    @Test func `can't change what is not there`() async throws {
        try await StepBench.with { bench async throws in
            #expect(try await update(bench, ["a": 1]).status == .errored)
            #expect(try bench.tree() == [])
        }
    }

    @Test func `takes no lists and no mappings`() async throws {
        try await StepBench.with { bench async throws in
            #expect(try await update(bench, ["a": [1]]).status == .failed)
            #expect(try await update(bench, ["a": ["b": 1]]).status == .failed)
        }
    }
}
