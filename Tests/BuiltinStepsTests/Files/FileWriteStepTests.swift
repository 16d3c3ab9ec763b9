import KargoCore
import KargoTestSupport
import Testing

@Suite("file-write")
struct FileWriteStepTests {
    @Test(arguments: ["", "x", "a\r\nb", "日本語 😀\u{0}"])
    func `writes a text as it is`(contents: String) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run("file-write", ["path": "a/b/c.txt", "contents": .string(contents)])
            #expect(result == .succeeded())
            #expect(try bench.read("a/b/c.txt") == contents)
            #expect(try bench.tree() == ["a", "a/b", "a/b/c.txt"])
        }
    }

    @Test(
        arguments: [
            "/etc/x", "../x", "a/../../x", "..", ".git", ".git/config", "a/../.git/config", "a/.git/hooks/x", "up/x",
            "file-link", "dangling", "a\u{0}b",
        ]
    )
    func `refuses paths for good`(path: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "target")
            try bench.link("up", to: "..")
            try bench.link("file-link", to: "target")
            try bench.link("dangling", to: "../new")
            let before = try bench.outside.names()
            let config: JSONValue = ["path": .string(path), "contents": "new", "overwrite": true]
            let result = try await bench.run("file-write", config)
            #expect(result.status == .failed)
            guard case .terminal = result.failure else {
                Issue.record("\(result)")
                return
            }
            #expect(try bench.read("target") == "x")
            #expect(try bench.outside.names() == before)
        }
    }

    @Test(arguments: ["0755", "0100", "0010", "0001", "0666", "0602"])
    func `refuses modes that are no good for a file`(permissions: String) async throws {
        try await StepBench.with { bench async throws in
            let config: JSONValue = ["path": "x", "contents": "", "permissions": .string(permissions)]
            #expect(try await bench.run("file-write", config).status == .failed)
            #expect(try bench.tree() == [])
        }
    }

    @Test(arguments: [("0600", 0o600), ("0640", 0o640), ("0664", 0o664), ("0400", 0o400)] as [(String, UInt32)])
    func `gives the mode that is asked for`(permissions: String, mode: UInt32) async throws {
        try await StepBench.with { bench async throws in
            let config: JSONValue = [
                "path": "x", "contents": "1", "permissions": .string(permissions), "overwrite": true,
            ]
            #expect(try await bench.run("file-write", config) == .succeeded())
            #expect(try await bench.run("file-write", config) == .succeeded())
            #expect(try bench.mode("x") == mode)
        }
    }

    @Test func `leaves the mode to the umask otherwise`() async throws {
        try await StepBench.with { bench async throws in
            #expect(try await bench.run("file-write", ["path": "x", "contents": ""]) == .succeeded())
            #expect(try bench.mode("x") == bench.modeUnderUmask(0o666))
        }
    }

    @Test func `replaces a file only if it may`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("old", to: "x")
            let refused = try await bench.run("file-write", ["path": "x", "contents": "new"])
            #expect(refused.status == .failed)
            #expect(refused.message.contains("overwrite"))
            #expect(try bench.read("x") == "old")
            let config: JSONValue = ["path": "x", "contents": "new", "overwrite": true]
            #expect(try await bench.run("file-write", config) == .succeeded())
            #expect(try bench.read("x") == "new")
        }
    }

    @Test(arguments: ["d", ".", "file/x"])
    func `can't write where a directory is, or below a file`(path: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.makeDirectory("d")
            try bench.write("x", to: "file")
            let result = try await bench.run(
                "file-write",
                ["path": .string(path), "contents": "new", "overwrite": true]
            )
            #expect(result.status == .errored)
            #expect(!result.message.contains(bench.outside.path))
            #expect(try bench.tree() == ["d", "file"])
        }
    }

    @Test func `never shows half of a file`() async throws {
        try await StepBench.with { bench async throws in
            let texts = ["a", "b"].map { String(repeating: $0, count: 1 << 20) }
            try bench.write(texts[0], to: "x")
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    var results: Set<StepResult> = []
                    for index in 0..<20 {
                        let config: JSONValue = ["path": "x", "contents": .string(texts[index % 2]), "overwrite": true]
                        results.insert(try await bench.run("file-write", config))
                    }
                    return results == [.succeeded()]
                }
                group.addTask { try (0..<50).allSatisfy { _ in texts.contains(try bench.read("x")) } }
                for try await isGood in group { #expect(isGood) }
            }
            #expect(try bench.tree() == ["x"])
        }
    }

    @Test func `writes many files of a directory at once`() async throws {
        try await StepBench.with { bench async throws in
            try await withThrowingTaskGroup(of: StepResult.self) { group in
                for index in 0..<50 {
                    group.addTask {
                        try await bench.run(
                            "file-write",
                            ["path": .string("d/\(index)"), "contents": .string("\(index)")]
                        )
                    }
                }
                for try await result in group { #expect(result == .succeeded()) }
            }
            for index in 0..<50 { #expect(try bench.read("d/\(index)") == "\(index)") }
        }
    }
}
