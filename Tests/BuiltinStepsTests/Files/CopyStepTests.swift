import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("copy")
struct CopyStepTests {
    @Test func `copies a file and makes directories on the way`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("bytes \u{0} ü", to: "in.txt")
            let result = try await bench.run("copy", ["inPath": "in.txt", "outPath": "a/b/out.txt"])
            #expect(result == .succeeded())
            #expect(try bench.read("a/b/out.txt") == "bytes \u{0} ü")
            #expect(try bench.read("in.txt") == "bytes \u{0} ü")
        }
    }

    @Test func `merges a directory into one that is there`() async throws {
        try await StepBench.with { bench async throws in
            for (name, text) in [("in/a", "new"), ("in/d/b", "new"), ("out/a", "old"), ("out/d/c", "kept")] {
                try bench.write(text, to: name)
            }
            try bench.makeDirectory("in/empty")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            #expect(try bench.read("out/a") == "new")
            #expect(try bench.read("out/d/b") == "new")
            #expect(try bench.read("out/d/c") == "kept")
            #expect(bench.contains("out/empty"))
        }
    }

    @Test(
        arguments: [
            (nil, ["keep.txt", "sub/keep.txt", "sub/x.tmp", "x.tmp"]),
            ("*.tmp", ["keep.txt", "sub/keep.txt"]),
            ("# a comment\n\n/sub/\n", ["keep.txt", "x.tmp"]),
            ("*\n!keep.txt", ["keep.txt"]),
            ("!.git/", [".git/config", "keep.txt", "sub/keep.txt", "sub/x.tmp", "x.tmp"]),
        ] as [(String?, [String])]
    )
    func `leaves out what is ignored`(ignore: String?, copied: [String]) async throws {
        try await StepBench.with { bench async throws in
            for name in ["keep.txt", "x.tmp", "sub/keep.txt", "sub/x.tmp", ".git/config"] {
                try bench.write(name, to: "in/\(name)")
            }
            var config: [String: JSONValue] = ["inPath": "in", "outPath": "out"]
            config["ignore"] = ignore.map(JSONValue.string)
            #expect(try await bench.run("copy", .object(config)) == .succeeded())
            let files = try bench.tree().filter { $0.hasPrefix("out/") }.map { String($0.dropFirst(4)) }
            #expect(files.filter { !["sub", ".git"].contains($0) } == copied)
        }
    }

    @Test func `copies a single file although a rule matches it`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "x.tmp")
            let result = try await bench.run("copy", ["inPath": "x.tmp", "outPath": "y.tmp", "ignore": "*.tmp"])
            #expect(result == .succeeded())
            #expect(try bench.read("y.tmp") == "x")
        }
    }

    @Test func `leaves out links inside a directory`() async throws {
        try await StepBench.with { bench async throws in
            try bench.outside.write("secret", to: "secret")
            try bench.write("x", to: "in/file")
            try bench.link("in/inner", to: "file")
            try bench.link("in/outer", to: "../../secret")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            #expect(try bench.tree().filter { $0.hasPrefix("out") } == ["out", "out/file"])
        }
    }

    @Test(arguments: ["/secret", "../secret", "a/../../secret", "link", "absolute"])
    func `never reads outside`(inPath: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.outside.write("secret", to: "secret")
            try bench.link("link", to: "../secret")
            try bench.link("absolute", to: bench.outside.file("secret"))
            let result = try await bench.run("copy", ["inPath": .string(inPath), "outPath": "out"])
            #expect(result.status == .errored)
            #expect(!result.message.contains(bench.outside.path))
            #expect(!bench.contains("out"))
        }
    }

    @Test(arguments: ["../out", "/out", "link/out", "in/../../../out"])
    func `never writes outside`(outPath: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in.txt")
            try bench.link("link", to: "..")
            #expect(try await bench.run("copy", ["inPath": "in.txt", "outPath": .string(outPath)]) == .succeeded())
            #expect(!bench.outside.contains("out"))
            #expect(try bench.read("out") == "x")
        }
    }

    @Test func `never writes outside through links in the target`() async throws {
        try await StepBench.with { bench async throws in
            try bench.outside.write("old", to: "victim/a")
            try bench.write("new", to: "in/d/a")
            try bench.write("new", to: "in/f")
            try bench.makeDirectory("out")
            try bench.link("out/d", to: bench.outside.file("victim"))
            try bench.link("out/f", to: "../../victim/a")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            #expect(try bench.outside.read("victim/a") == "old")
        }
    }

    @Test func `follows a link that the path names`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "real/file")
            try bench.link("link", to: "real")
            #expect(try await bench.run("copy", ["inPath": "link", "outPath": "out"]) == .succeeded())
            #expect(try bench.read("out/file") == "x")
        }
    }

    @Test func `does not copy a directory into its own copy`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in/file")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "in/copy"]) == .succeeded())
            #expect(try bench.tree() == ["in", "in/copy", "in/copy/file", "in/file"])
            #expect(try await bench.run("copy", ["inPath": ".", "outPath": "."]) == .succeeded())
            #expect(try bench.read("in/file") == "x")
        }
    }

    @Test(arguments: [(0o644, 0o664), (0o755, 0o775), (0o600, 0o660), (0o4755, 0o775)] as [(Int, UInt32)])
    func `keeps modes as far as the umask allows`(mode: Int, wanted: UInt32) async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in")
            try bench.setMode(mode, of: "in")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            #expect(try bench.mode("out") == bench.modeUnderUmask(wanted))
        }
    }

    @Test func `says which path is missing`() async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run("copy", ["inPath": "a/b", "outPath": "c"])
            #expect(result.status == .errored)
            guard case .retryable(let message) = result.failure else {
                Issue.record("\(result)")
                return
            }
            #expect(message.contains("\"a/b\""))
            #expect(!message.contains(bench.outside.path))
            #expect(try bench.tree() == [])
        }
    }

    @Test func `copes with names of any script, and many of them`() async throws {
        try await StepBench.with { bench async throws in
            let names = (0..<100).map { "文件-\($0)-é😀" }
            for name in names { try bench.write(name, to: "in/\(name)") }
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            for name in names { #expect(try bench.read("out/\(name)") == name) }
        }
    }

    @Test func `copies a file of several chunks whole`() async throws {
        try await StepBench.with { bench async throws in
            let text = String(repeating: "0123456789abcdef", count: 100_000)
            try bench.write(text, to: "in")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            #expect(try bench.read("out") == text)
        }
    }

    @Test func `ends with the task`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in")
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await bench.run("copy", ["inPath": "in", "outPath": "out"])
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try bench.tree() == ["in"])
        }
    }

    @Test(arguments: [true, false])
    func `leaves no half of a file when it is cancelled half way`(isNew: Bool) async throws {
        try await StepBench.with { bench async throws in
            let text = String(repeating: "0123456789abcdef", count: 1000)
            for number in 0..<3000 { try bench.write(text, to: "in/\(number % 10)/\(number)") }
            let name = try #require(FileName("out".utf8))
            let begun = isNew ? "\(name.temporary)/2/102" : "out/2/102"
            try await bench.interrupt("copy", ["inPath": "in", "outPath": "out"]) {
                if bench.contains("out") { try FileManager.default.removeItem(atPath: bench.path("out")) }
                if !isNew { for number in 0..<10 { try bench.makeDirectory("out/\(number)") } }
            } when: {
                bench.contains(begun)
            }
            if isNew { #expect(!bench.contains("out")) }
            let files = try bench.tree().filter { $0.hasPrefix("out/") && $0.split(separator: "/").count == 3 }
            for file in files { #expect(try bench.read(file) == text) }
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            #expect(try bench.tree().count { $0.hasPrefix("out/") } == 3010)
            #expect(try bench.tree().allSatisfy { !$0.hasSuffix(".tmp") })
        }
    }

    @Test func `replaces what a killed process has left`() async throws {
        try await StepBench.with { bench async throws in
            let left = try #require(FileName("out".utf8)).temporary
            try bench.write("half", to: "\(left)/d/half")
            try bench.write("x", to: "in/d/a")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            #expect(try bench.tree() == ["in", "in/d", "in/d/a", "out", "out/d", "out/d/a"])
        }
    }

    @Test func `does not make a directory where a file is`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in/a")
            try bench.write("kept", to: "out")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]).status == .errored)
            #expect(try bench.tree() == ["in", "in/a", "out"])
        }
    }

    @Test(arguments: [(0o755, 0o775), (0o500, 0o770)] as [(Int, UInt32)])
    func `keeps modes of directories as far as they can be filled`(mode: Int, wanted: UInt32) async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in/d/a")
            try bench.setMode(mode, of: "in/d")
            #expect(try await bench.run("copy", ["inPath": "in", "outPath": "out"]) == .succeeded())
            #expect(try bench.mode("out/d") == bench.modeUnderUmask(wanted))
            try bench.setMode(0o755, of: "in/d")
        }
    }

    @Test func `ends at a ring of links`() async throws {
        try await StepBench.with { bench async throws in
            try bench.link("a", to: "b")
            try bench.link("b", to: "a")
            #expect(try await bench.run("copy", ["inPath": "a", "outPath": "c"]).status == .errored)
        }
    }
}
