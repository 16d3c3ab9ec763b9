import KargoTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A database that this program must not touch.
@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct LayoutIntegrationTests {
    /// Changes a database behind the cluster's back, in the file itself or in the log beside it.
    private func change(_ path: String, _ statement: String, inLog: Bool = false) async throws {
        let script = """
            import os, sqlite3, sys
            database = sqlite3.connect(sys.argv[1])
            database.execute(sys.argv[2])
            database.commit()
            if sys.argv[3] == "log": os._exit(0)
            database.close()
            """
        let outcome = try await Subprocess.run(
            .name("python3"),
            arguments: ["-c", script, path, statement, inLog ? "log" : "file"],
            output: .discarded,
            error: .string(limit: 1 << 16)
        )
        #expect(outcome.standardError == "")
    }

    @Test(arguments: [false, true])
    func `a newer one is refused and stays what it is`(inLog: Bool) async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory) { _ in }
            let path = directory.file("data/cluster.db")
            try await change(path, "PRAGMA user_version = 7", inLog: inLog)
            #expect(FileManager.default.fileExists(atPath: path + "-wal") == inLog)
            let before = try Data(contentsOf: URL(filePath: path))
            for _ in 0..<2 {
                let ending = try await ClusterProcess.ending(directory)
                #expect(!ending.succeeded)
                #expect(
                    ending.problem.contains("\(path) has layout 7, and this program knows layouts up to 1"),
                    "\(ending.problem)"
                )
            }
            // SQLite may carry the log into the file, which changes nothing but where it is.
            if !inLog { #expect(try Data(contentsOf: URL(filePath: path)) == before) }
        }
    }

    @Test func `one with an object that can't be read is refused`() async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory) { _ in }
            let path = directory.file("data/cluster.db")
            try await change(path, "UPDATE objects SET body = '{' WHERE name = 'default'")
            let ending = try await ClusterProcess.ending(directory)
            #expect(!ending.succeeded)
            #expect(ending.problem.contains("\(path) is damaged: "), "\(ending.problem)")
        }
    }

    @Test func `one that is no database is refused and stays what it is`() async throws {
        try await ScopedDirectory.with { directory in
            let text = String(repeating: "not a database ", count: 1000)
            try directory.write(text, to: "data/cluster.db")
            let ending = try await ClusterProcess.ending(directory)
            #expect(!ending.succeeded)
            #expect(ending.problem.contains(directory.file("data/cluster.db")))
            #expect(try directory.read("data/cluster.db") == text)
        }
    }
}
