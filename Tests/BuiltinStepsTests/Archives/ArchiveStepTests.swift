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

@Suite("tar and untar")
struct ArchiveStepTests {
    private func pack(_ bench: StepBench, _ config: [String: JSONValue]) async throws -> StepResult {
        try await bench.run("tar", .object(["inPath": "in", "outPath": "a.tar"].merging(config) { $1 }))
    }

    private func unpack(_ bench: StepBench, _ config: [String: JSONValue] = [:]) async throws -> StepResult {
        try await bench.run("untar", .object(["inPath": "a.tar", "outPath": "out"].merging(config) { $1 }))
    }

    @Test(arguments: [false, true])
    func `gives back what was packed`(isCompressed: Bool) async throws {
        try await StepBench.with { bench async throws in
            let large = String(repeating: "0123456789abcdef", count: 40_000)
            let long = String(repeating: "directory/", count: 30) + "ü.txt"
            try bench.write(large, to: "in/large.txt")
            try bench.write("", to: "in/empty")
            try bench.write("deep", to: "in/\(long)")
            try bench.write("x", to: "in/" + String(repeating: "n", count: 120))
            try bench.write("#!/bin/sh\n", to: "in/run.sh")
            try bench.setMode(0o755, of: "in/run.sh")
            try bench.makeDirectory("in/hollow")
            try bench.link("in/link", to: "large.txt")
            try bench.write("secret", to: "in/.git/config")
            #expect(try await pack(bench, ["gzip": .bool(isCompressed)]) == .succeeded())
            #expect(try await unpack(bench) == .succeeded())
            #expect(try bench.read("out/large.txt") == large)
            #expect(try bench.read("out/\(long)") == "deep")
            #expect(try bench.read("out/empty") == "")
            #expect(try bench.mode("out/run.sh") & 0o700 == 0o700)
            #expect(try bench.mode("out/large.txt") & 0o100 == 0)
            let attributes = { (name: String) in try FileManager.default.attributesOfItem(atPath: bench.path(name)) }
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: bench.path("out/link")) == "large.txt")
            #expect(
                try Int((attributes("out/run.sh")[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)
                    == Int((attributes("in/run.sh")[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 1)
            )
            let packed = try bench.tree().filter { $0.hasPrefix("in/") && !$0.hasPrefix("in/.git") }
            let unpacked = try bench.tree().filter { $0.hasPrefix("out/") }
            #expect(packed.map { $0.dropFirst(3) } == unpacked.map { $0.dropFirst(4) })
        }
    }

    @Test func `packs a single file under its own name`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in/a.txt")
            #expect(try await pack(bench, ["inPath": "in/a.txt"]) == .succeeded())
            #expect(try await unpack(bench) == .succeeded())
            #expect(try bench.tree() == ["a.tar", "in", "in/a.txt", "out", "out/a.txt"])
        }
    }

    @Test func `does not pack the archive into itself`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in/a.txt")
            try bench.write("old", to: "in/a.tar")
            #expect(try await pack(bench, ["outPath": "in/a.tar"]) == .succeeded())
            #expect(try await unpack(bench, ["inPath": "in/a.tar"]) == .succeeded())
            #expect(try bench.tree() == ["in", "in/a.tar", "in/a.txt", "out", "out/a.txt"])
        }
    }

    @Test(
        arguments: [
            (nil, ["a.txt", "b.tmp", "d", "d/c.tmp"]),
            ("*.tmp", [".git", ".git/config", "a.txt", "d"]),
            ("  *.tmp  \n!b.tmp\n# c\n\n.git/", ["a.txt", "b.tmp", "d"]),
            ("d", [".git", ".git/config", "a.txt", "b.tmp"]),
        ] as [(String?, [String])]
    )
    func `leaves out what is to be ignored`(rules: String?, expected: [String]) async throws {
        try await StepBench.with { bench async throws in
            for name in ["a.txt", "b.tmp", "d/c.tmp", ".git/config"] { try bench.write("x", to: "in/\(name)") }
            #expect(try await pack(bench, rules.map { ["ignore": .string($0)] } ?? [:]) == .succeeded())
            #expect(try await unpack(bench, ["ignore": "!.git/"]) == .succeeded())
            let tree = try bench.tree().filter { $0.hasPrefix("out/") }.map { String($0.dropFirst(4)) }
            #expect(tree == expected)
        }
    }

    @Test func `replaces what is there, and nothing if the archive is broken`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("new", to: "in/new.txt")
            try bench.write("old", to: "out/old.txt")
            try bench.write("no archive, but long enough to be one" + String(repeating: "x", count: 600), to: "a.tar")
            #expect(try await unpack(bench).status == .errored)
            #expect(try bench.read("out/old.txt") == "old")
            #expect(try await pack(bench, [:]) == .succeeded())
            #expect(try await unpack(bench) == .succeeded())
            #expect(try bench.tree() == ["a.tar", "in", "in/new.txt", "out", "out/new.txt"])
            #expect(try bench.outside.names().filter { $0.hasSuffix(".tmp") } == [])
        }
    }

    @Test(arguments: [".", "/", "in/..", "here"])
    func `never replaces the work directory`(path: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in/a.txt")
            try bench.link("here", to: ".")
            #expect(try await pack(bench, [:]) == .succeeded())
            let result = try await unpack(bench, ["outPath": .string(path)])
            #expect(result.status == .failed)
            #expect(try bench.read("in/a.txt") == "x")
        }
    }

    @Test func `fails with what is too large or missing`() async throws {
        try await StepBench.with { bench async throws in
            #expect(try await pack(bench, [:]).status == .errored)
            #expect(try await unpack(bench).status == .errored)
            try bench.makeDirectory("in")
            for name in ["a", "b", "c"] {
                try bench.write("", to: "in/\(name)")
                #expect(truncate(bench.path("in/\(name)"), 40 << 20) == 0)
            }
            #expect(try await pack(bench, [:]).message.contains("all files together exceed limit of 104857600 bytes"))
            #expect(truncate(bench.path("in/a"), 51 << 20) == 0)
            #expect(try await pack(bench, [:]).message.contains("\"in/a\" exceeds limit of 52428800 bytes"))
            #expect(!bench.contains("a.tar"))
            #expect(try bench.tree() == ["in", "in/a", "in/b", "in/c"])
        }
    }

    @Test func `stops when it is cancelled and leaves nothing behind`() async throws {
        try await StepBench.with { bench async throws in
            try bench.write("x", to: "in/a.txt")
            #expect(try await pack(bench, [:]) == .succeeded())
            for kind in ["tar", "untar"] {
                let context = bench.context(kind, ["inPath": kind == "tar" ? "in" : "a.tar", "outPath": "out"])
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await bench.run(kind, context.config)
                }
                await #expect(throws: CancellationError.self) { try await task.value }
            }
            #expect(try bench.tree() == ["a.tar", "in", "in/a.txt"])
        }
    }
}

/// Archives that somebody else has made, with bad intentions.
@Suite("untar of foreign archives")
struct ForeignArchiveTests {
    private struct Item {
        var name: String
        var type: UInt8 = 0x30
        var target = ""
        var text = "x"
    }

    private func archive(_ items: [Item]) -> [UInt8] {
        var bytes: [UInt8] = []
        for item in items {
            let text = item.type == 0x30 ? Array(item.text.utf8) : []
            let header = TarHeader(
                kind: TarHeader.Kind(rawValue: item.type) ?? .file,
                name: Array(item.name.utf8),
                target: Array(item.target.utf8),
                mode: 0o644,
                owner: 0,
                group: 0,
                size: Int64(text.count),
                modified: 0
            )
            bytes += header.blocks + text + [UInt8](repeating: 0, count: TarHeader.padding(Int64(text.count)))
        }
        return bytes + [UInt8](repeating: 0, count: 1024)
    }

    private func unpack(
        _ bench: StepBench,
        _ items: [Item],
        _ config: [String: JSONValue] = [:]
    ) async throws -> StepResult {
        try Data(archive(items)).write(to: URL(filePath: bench.path("a.tar")))
        return try await bench.run("untar", .object(["inPath": "a.tar", "outPath": "out"].merging(config) { $1 }))
    }

    private func tree(_ bench: StepBench) throws -> [String] {
        try bench.tree().filter { $0.hasPrefix("out/") }.map { String($0.dropFirst(4)) }
    }

    @Test func `takes names that begin with a dot, and passes over those that lead elsewhere`() async throws {
        try await StepBench.with { bench async throws in
            let names = ["./a", "./d/./b", "../x", "d/../../x", "d/..", "/x", "", "c"]
            #expect(try await unpack(bench, names.map { Item(name: $0) }) == .succeeded())
            #expect(try tree(bench) == ["a", "c", "d", "d/b"])
            #expect(try bench.outside.names() == ["work"])
        }
    }

    @Test func `drops components`() async throws {
        try await StepBench.with { bench async throws in
            let items = [Item(name: "top/", type: 0x35), Item(name: "top/a"), Item(name: "b"), Item(name: "top/d/c")]
            #expect(try await unpack(bench, items, ["stripComponents": 1]) == .succeeded())
            #expect(try tree(bench) == ["a", "d", "d/c"])
            #expect(try await unpack(bench, items, ["stripComponents": -1]).status == .failed)
        }
    }

    @Test(arguments: ["..", "../x", "/etc", "d/..", "d/../..", "d/../../..", ""])
    func `makes no link that leads out`(target: String) async throws {
        try await StepBench.with { bench async throws in
            let items = [Item(name: "l", type: 0x32, target: target), Item(name: "a")]
            #expect(try await unpack(bench, items) == .succeeded())
            #expect(try tree(bench) == ["a"])
        }
    }

    @Test func `makes links that stay inside`() async throws {
        try await StepBench.with { bench async throws in
            let items = [
                Item(name: "d/e/l", type: 0x32, target: "../../a"), Item(name: "m", type: 0x32, target: "d/./e"),
                Item(name: "a"),
            ]
            #expect(try await unpack(bench, items) == .succeeded())
            #expect(try bench.read("out/m/l") == "x")
        }
    }

    @Test(arguments: ["l/x", "l/d/x"])
    func `writes nothing through a link`(name: String) async throws {
        try await StepBench.with { bench async throws in
            try bench.write("old", to: "out/old.txt")
            let items = [
                Item(name: "d/", type: 0x35), Item(name: "l", type: 0x32, target: "d"), Item(name: name),
            ]
            let result = try await unpack(bench, items)
            #expect(result.status == .errored)
            #expect(result.message.contains("writes through \"l\""))
            #expect(try tree(bench) == ["old.txt"])
        }
    }

    @Test func `lets a later entry replace a link, not what it leads to`() async throws {
        try await StepBench.with { bench async throws in
            let items = [
                Item(name: "a", text: "kept"), Item(name: "l", type: 0x32, target: "a"), Item(name: "l", text: "new"),
            ]
            #expect(try await unpack(bench, items) == .succeeded())
            #expect(try bench.read("out/a") == "kept")
            #expect(try bench.read("out/l") == "new")
        }
    }

    @Test func `fails with damaged archives, whatever is damaged`() async throws {
        try await StepBench.with { bench async throws in
            let whole = archive([Item(name: "a", text: String(repeating: "x", count: 2000)), Item(name: "b")])
            for length in [1, 511, 513, 1024, 2500] {
                try Data(whole[..<length]).write(to: URL(filePath: bench.path("a.tar")))
                let result = try await bench.run("untar", ["inPath": "a.tar", "outPath": "out"])
                #expect(result.status == .errored, "\(length)")
            }
            for (offset, byte) in [(0, 0x7A), (124, 0x39), (136, 0xFF), (148, 0x31)] as [(Int, UInt8)] {
                var damaged = whole
                damaged[offset] = byte
                try Data(damaged).write(to: URL(filePath: bench.path("a.tar")))
                let result = try await bench.run("untar", ["inPath": "a.tar", "outPath": "out"])
                #expect(result.status == .errored, "\(offset)")
            }
            try Data([0x1F, 0x8B, 8, 0, 0, 0]).write(to: URL(filePath: bench.path("a.tar")))
            #expect(try await bench.run("untar", ["inPath": "a.tar", "outPath": "out"]).status == .errored)
            #expect(!bench.contains("out"))
        }
    }
}
