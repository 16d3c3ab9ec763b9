import ArgumentParser
import KargoTestSupport
import Testing

@testable import KargoCommands

@Suite("kargo local down")
struct LocalDownCommandTests {
    @Test func `has nothing against a cluster that does not run`() async throws {
        try await ScopedDirectory.with { directory in
            for path in [directory.path, directory.file("absent")] {
                let command = try Kargo.parseAsRoot(["local", "down", "--data-dir", path])
                try await #require(command as? LocalDownCommand).run()
            }
            #expect(!directory.contains("absent"))
        }
    }
}
