import Foundation
import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

/// Whether the system's `tar` and these steps read each other's archives.
@Suite("tar of the system", .tags(.integration), .enabled(if: FileManager.default.fileExists(atPath: "/bin/tar")))
struct TarProgramIntegrationTests {
    private static let long = String(repeating: "directory/", count: 30) + "ü.txt"

    private func tar(_ arguments: String..., in bench: StepBench) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/tar")
        process.arguments = ["-C", bench.directory] + arguments
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    private func fill(_ bench: StepBench) throws {
        try bench.write(String(repeating: "x", count: 100_000), to: "in/large")
        try bench.write("deep", to: "in/\(Self.long)")
        try bench.write("y", to: "in/" + String(repeating: "n", count: 150))
        try bench.link("in/link", to: Self.long)
        try bench.makeDirectory("in/hollow")
    }

    private func expectSame(_ bench: StepBench) throws {
        let names = try bench.tree().filter { $0.hasPrefix("in/") }.map { String($0.dropFirst(3)) }
        let copies = try bench.tree().filter { $0.hasPrefix("out/") }.map { String($0.dropFirst(4)) }
        #expect(names == copies)
        #expect(try bench.read("out/large") == bench.read("in/large"))
        #expect(try bench.read("out/link") == "deep")
    }

    @Test(arguments: [false, true])
    func `reads what the step packs`(isCompressed: Bool) async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            let config: JSONValue = ["inPath": "in", "outPath": "a.tar", "gzip": .bool(isCompressed)]
            #expect(try await bench.run("tar", config) == .succeeded())
            try bench.makeDirectory("out")
            try tar("-xf", bench.path("a.tar"), "-C", bench.path("out"), in: bench)
            try expectSame(bench)
        }
    }

    @Test(arguments: ["gnu", "pax", "oldgnu"], [false, true])
    func `packs what the step reads`(format: String, isCompressed: Bool) async throws {
        try await StepBench.with { bench async throws in
            try fill(bench)
            try tar(
                "-c\(isCompressed ? "z" : "")f",
                bench.path("a.tar"),
                "--format=\(format)",
                "--transform=s,^in,.,",
                "in",
                in: bench
            )
            let config: JSONValue = ["inPath": "a.tar", "outPath": "out"]
            #expect(try await bench.run("untar", config) == .succeeded())
            try expectSame(bench)
        }
    }
}
