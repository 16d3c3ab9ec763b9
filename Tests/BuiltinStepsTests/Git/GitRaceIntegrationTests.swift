import KargoCore
import KargoTestSupport
import Subprocess
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A plugin while steps run", .tags(.integration), .timeLimit(.minutes(2)))
struct GitRaceIntegrationTests {
    /// Lets two names of the work directory change places, over and over, as long as the body lasts.
    private func swapping(
        _ first: String,
        _ second: String,
        _ git: GitBench,
        _ body: () async throws -> Void
    ) async throws {
        let script = """
            import ctypes, sys
            libc = ctypes.CDLL(None)
            first, second = (name.encode() for name in sys.argv[1:])
            print("begun", flush=True)
            while True:
                libc.renameat2(-100, first, -100, second, 2)
            """
        _ = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", script, git.bench.path(first), git.bench.path(second)],
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            _ = try await lines.next()
            let outcome: Swift.Result<Void, any Error>
            do { outcome = .success(try await body()) } catch { outcome = .failure(error) }
            try execution.send(signal: .kill)
            try outcome.get()
        }
    }

    /// Everything below a directory, with contents.
    private func contents(of path: String) throws -> [String: Data] {
        var result: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            result[name] = FileManager.default.contents(atPath: "\(path)/\(name)") ?? Data()
        }
        return result
    }

    @Test(.enabled(if: ConfinedProgram.isSupported))
    func `gets nothing from outside by links that come and go`() async throws {
        try await GitBench.with(files: ["d/values.yaml": "a: b\n", "README": "x"]) { git async throws in
            var git = git
            git.isolation = try .ofAgent()
            git.environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
            let secret = "TOP SECRET"
            try git.outside.write("a: \(secret)\n", to: "secret/values.yaml")
            let config: JSONValue = [
                "repoURL": .string("file://\(git.origin)"), "checkout": [["path": "src", "branch": "main"]],
            ]
            // Only the clone comes from this machine, which is not allowed beside plugins.
            var trusted = git
            trusted.isolation = nil
            try await trusted.succeed("git-clone", config)
            try git.bench.link("src/l", to: git.outside.file("secret"))
            let before = try contents(of: git.outside.file("secret"))
            var succeeded: Set<String> = []
            try await swapping("src/d", "src/l", git) {
                var seen: Set<Bool> = []
                while seen.count < 2 {
                    let text = try? String(contentsOfFile: git.bench.path("src/d/values.yaml"), encoding: .utf8)
                    if let text { seen.insert(text.contains(secret)) }
                }
                for round in 0..<12 {
                    try git.bench.write("\(round)", to: "src/README")
                    let steps: [(String, JSONValue)] = [
                        ("git-commit", ["path": "src", "message": .string("\(round)")]),
                        ("copy", ["inPath": "src/d", "outPath": .string("copies/\(round)")]),
                        (
                            "yaml-update",
                            ["path": "src/d/values.yaml", "updates": [["key": "a", "value": .int(Int64(round))]]]
                        ), ("git-tag", ["path": "src", "tag": .string("t\(round)"), "message": "m"]),
                    ]
                    for (kind, config) in steps {
                        let result = try? await git.run(kind, config)
                        if result?.status == .succeeded { succeeded.insert(kind) }
                    }
                }
                _ = try? await git.run("git-clear", ["path": "src"])
            }
            #expect(succeeded.isSuperset(of: ["git-commit", "copy", "git-tag"]))
            #expect(try contents(of: git.outside.file("secret")) == before)
            for clone in try git.clones() {
                let arguments = ["--git-dir", git.outside.file("private/repositories/\(clone)")]
                let objects = try await git.git(arguments + ["cat-file", "--batch-all-objects", "--batch"])
                #expect(!objects.contains(secret))
            }
        }
    }
}
