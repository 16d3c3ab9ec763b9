import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("tar and untar: interrupted, and at the same time", .timeLimit(.minutes(2)))
struct ArchiveInterruptionTests {
    /// An archive of many files, and of nothing else.
    private func archive(_ bench: StepBench, count: Int) throws {
        var bytes: [UInt8] = []
        for number in 0..<count {
            let content = Array("\(number)".utf8)
            let header = TarHeader(
                kind: .file,
                name: Array("\(number % 100)/\(number)".utf8),
                target: [],
                mode: 0o644,
                owner: 0,
                group: 0,
                size: Int64(content.count),
                modified: 0
            )
            bytes += header.blocks + content
            bytes += [UInt8](repeating: 0, count: TarHeader.padding(Int64(content.count)))
        }
        bytes += [UInt8](repeating: 0, count: 2 * TarHeader.blockSize)
        try Data(bytes).write(to: URL(filePath: bench.path("a.tar")))
    }

    private func temporary(_ name: String) throws -> String { try #require(FileName(name.utf8)).temporary.description }

    @Test func `unpack nothing when they are cancelled half way`() async throws {
        try await StepBench.with { bench async throws in
            try archive(bench, count: 50_000)
            let draft = bench.path(try temporary("out"))
            try await bench.interrupt("untar", ["inPath": "a.tar", "outPath": "out"]) {
                try bench.write("old", to: "out/old.txt")
            } when: {
                access("\(draft)/50/150", F_OK) == 0
            }
            #expect(try bench.read("out/old.txt") == "old")
            // What could not be taken away in time is what the next attempt takes away first.
            let left = try FileManager.default.contentsOfDirectory(atPath: bench.directory).sorted()
            #expect(left.filter { $0 != (try? temporary("out")) } == ["a.tar", "out"])
            #expect(try await bench.run("untar", ["inPath": "a.tar", "outPath": "out"]) == .succeeded())
            #expect(try FileManager.default.contentsOfDirectory(atPath: bench.directory).sorted() == ["a.tar", "out"])
            #expect(try bench.read("out/99/49999") == "49999")
            #expect(!bench.contains("out/old.txt"))
        }
    }

    @Test(arguments: [false, true])
    func `pack nothing when they are cancelled half way`(isCompressed: Bool) async throws {
        try await StepBench.with { bench async throws in
            try bench.makeDirectory("in")
            for name in ["a", "b"] {
                try bench.write("", to: "in/\(name)")
                #expect(truncate(bench.path("in/\(name)"), 45 << 20) == 0)
            }
            let draft = bench.path(try temporary("a.tar"))
            let config: JSONValue = ["inPath": "in", "outPath": "a.tar", "gzip": .bool(isCompressed)]
            try await bench.interrupt("tar", config) {
                try bench.write("old", to: "a.tar")
            } when: {
                var status = stat()
                return stat(draft, &status) == 0 && status.st_size > 1 << 13
            }
            #expect(try bench.read("a.tar") == "old")
            #expect(try bench.tree() == ["a.tar", "in", "in/a", "in/b"])
        }
    }

    @Test func `unpack into directories of their own`() async throws {
        try await StepBench.with { bench async throws in
            try archive(bench, count: 1000)
            try await withThrowingTaskGroup(of: StepResult.self) { group in
                for name in ["one", "two", "three/four"] {
                    group.addTask { try await bench.run("untar", ["inPath": "a.tar", "outPath": .string(name)]) }
                }
                for try await result in group { #expect(result == .succeeded()) }
            }
            for name in ["one", "two", "three/four"] { #expect(try bench.read("\(name)/99/999") == "999") }
        }
    }

    @Test(arguments: ["untar", "tar"])
    func `never mix what several write to the same place`(kind: String) async throws {
        try await StepBench.with { bench async throws in
            try archive(bench, count: 1000)
            try bench.write(String(repeating: "x", count: 1 << 22), to: "in/large")
            let config: JSONValue =
                kind == "tar" ? ["inPath": "in", "outPath": "out"] : ["inPath": "a.tar", "outPath": "out"]
            let results = try await withThrowingTaskGroup(of: StepResult.self) { group in
                for _ in 0..<4 { group.addTask { try await bench.run(kind, config) } }
                return try await group.reduce(into: [StepResult]()) { $0.append($1) }
            }
            // Who finds the place taken says so, and another attempt does better.
            for result in results where result != .succeeded() {
                #expect(result.status == .errored)
                guard case .retryable = result.failure else {
                    Issue.record("\(result)")
                    continue
                }
            }
            #expect(results.contains(.succeeded()))
            let names = try FileManager.default.contentsOfDirectory(atPath: bench.directory)
            #expect(names.sorted() == ["a.tar", "in", "out"])
            if kind == "untar" {
                #expect(try bench.tree().count { $0.hasPrefix("out/") } == 1100)
            } else {
                #expect(try await bench.run("untar", ["inPath": "out", "outPath": "again"]) == .succeeded())
                #expect(try bench.read("again/large") == bench.read("in/large"))
            }
        }
    }
}
