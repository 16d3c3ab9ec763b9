import KargoCore
import KargoTestSupport
import Testing

@Suite("delete")
struct DeleteStepTests {
    private static let files = ["a.txt", "b.yaml", "sub/a.txt", "sub/.hidden", "sub/deep/c.txt", "[x].txt"]

    private func fill(_ bench: StepBench) throws {
        for name in Self.files { try bench.write(name, to: name) }
    }

    private func remaining(_ bench: StepBench) throws -> Set<String> {
        Set(try bench.tree().filter { Self.files.contains($0) })
    }

    @Test(
        arguments: [
            (["a.txt"], ["a.txt"]),
            (["sub"], ["sub/a.txt", "sub/.hidden", "sub/deep/c.txt"]),
            (["sub/../a.txt", "/b.yaml"], ["a.txt", "b.yaml"]),
            (["[x].txt"], ["[x].txt"]),
            (["sub", "sub/a.txt", "sub"], ["sub/a.txt", "sub/.hidden", "sub/deep/c.txt"]),
            (["nothing", "sub/nothing/at/all"], []),
        ]
    )
    func `deletes paths as they are written`(paths: [String], gone: [String]) async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            let result = try await bench.run("delete", ["paths": .array(paths.map(JSONValue.string))])
            #expect(result == .succeeded())
            #expect(try remaining(bench) == Set(Self.files).subtracting(gone))
        }
    }

    @Test(
        arguments: [
            ("*.txt", ["a.txt", "[x].txt"]),
            ("./*.txt", ["a.txt", "[x].txt"]),
            ("**/*.txt", ["a.txt", "[x].txt", "sub/a.txt", "sub/deep/c.txt"]),
            ("sub/*", ["sub/a.txt", "sub/.hidden", "sub/deep/c.txt"]),
            ("sub/.*", ["sub/.hidden"]),
            ("{a,b}.{txt,yaml}", ["a.txt", "b.yaml"]),
            ("\\[x\\].txt", ["[x].txt"]),
            ("[x].txt", []),
            ("[a-b].*", ["a.txt", "b.yaml"]),
            ("sub/**/c.txt", ["sub/deep/c.txt"]),
            ("../*", []),
            ("nothing*", []),
        ]
    )
    func `deletes what matches a pattern`(pattern: String, gone: [String]) async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            try bench.outside.write("x", to: "a.txt")
            let result = try await bench.run("delete", ["path": .string(pattern), "pathsAreGlobs": true])
            #expect(result == .succeeded())
            #expect(try remaining(bench) == Set(Self.files).subtracting(gone))
            #expect(bench.outside.contains("a.txt"))
        }
    }

    @Test(arguments: ["[", "{a", "a}", "a\\", "[]"])
    func `gives up for good on a malformed pattern`(pattern: String) async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            let result = try await bench.run("delete", ["path": .string(pattern), "pathsAreGlobs": true])
            #expect(result.status == .errored)
            guard case .terminal = result.failure else {
                Issue.record("\(result)")
                return
            }
        }
    }

    @Test(arguments: ["..", "../victim", "sub/../../victim", ".", "/", "/..", "up/victim", "absolute/victim"])
    func `refuses what is outside`(path: String) async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            try bench.outside.write("x", to: "victim")
            try bench.link("up", to: "..")
            try bench.link("absolute", to: bench.outside.path)
            let result = try await bench.run("delete", ["path": .string(path)])
            #expect(result.status == .errored)
            #expect(result.message.contains("traverse outside"))
            #expect(bench.outside.contains("victim"))
            #expect(try remaining(bench) == Set(Self.files))
        }
    }

    @Test func `deletes a link and not what it leads to`() async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            try bench.outside.write("x", to: "victim/file")
            try bench.link("out", to: "../victim")
            try bench.link("in", to: "sub")
            #expect(try await bench.run("delete", ["paths": ["out", "in"]]) == .succeeded())
            #expect(bench.outside.contains("victim/file"))
            #expect(try remaining(bench) == Set(Self.files))
            #expect(!bench.contains("in"))
        }
    }

    @Test func `deletes the links in a directory and not what they lead to`() async throws {
        try await StepBench.with { bench async throws in
            try bench.outside.write("x", to: "victim/file")
            try bench.makeDirectory("d/e")
            try bench.link("d/e/out", to: "../../../victim")
            #expect(try await bench.run("delete", ["path": "d"]) == .succeeded())
            #expect(bench.outside.contains("victim/file"))
            #expect(try bench.tree() == [])
        }
    }

    @Test func `goes through a link that stays inside`() async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            try bench.link("relative", to: "sub")
            try bench.link("absolute", to: bench.path("sub"))
            #expect(try await bench.run("delete", ["paths": ["relative/a.txt", "absolute/.hidden"]]) == .succeeded())
            #expect(try remaining(bench) == Set(Self.files).subtracting(["sub/a.txt", "sub/.hidden"]))
        }
    }

    @Test(arguments: [false, true])
    func `misses nothing unless it is strict`(areGlobs: Bool) async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            let config: [String: JSONValue] = ["paths": ["a.txt", "none"], "pathsAreGlobs": .bool(areGlobs)]
            let strict = try await bench.run("delete", .object(config.merging(["strict": true]) { $1 }))
            #expect(strict.status == .errored)
            #expect(strict.message.contains("none"))
            #expect(try remaining(bench) == Set(Self.files))
            #expect(try await bench.run("delete", .object(config)) == .succeeded())
            #expect(try remaining(bench) == Set(Self.files).subtracting(["a.txt"]))
        }
    }

    @Test func `deletes a deep tree`() async throws {
        try await StepBench.with { bench async throws in
            try bench.makeDirectory(Array(repeating: "d", count: 200).joined(separator: "/"))
            #expect(try await bench.run("delete", ["path": "d"]) == .succeeded())
            #expect(try bench.tree() == [])
        }
    }
}
