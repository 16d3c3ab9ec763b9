import KargoTestSupport
import Testing

@testable import LocalCluster

struct ProjectedFilesTests {
    private func file(_ path: String, _ text: String, mode: UInt32 = 0o644) -> VolumeFile {
        VolumeFile(path: path, content: Array(text.utf8), mode: mode)
    }

    @Test func `shows files through one link, which changes them all at once`() async throws {
        try await ScopedDirectory.with { directory in
            let files = ProjectedFiles(directory: directory.file("v"))
            try files.write([file("a", "1"), file("deep/b", "2", mode: 0o600)])
            #expect(try directory.read("v/a") == "1")
            #expect(try directory.read("v/deep/b") == "2")
            let before = try #require(FileSystem.target(ofLink: directory.file("v/..data")))
            #expect(FileSystem.target(ofLink: directory.file("v/a")) == "..data/a")
            try files.write([file("a", "3"), file("c", "4")])
            #expect(try directory.read("v/a") == "3")
            #expect(FileSystem.target(ofLink: directory.file("v/..data")) != before)
            #expect(FileSystem.entries(of: directory.file("v")).count == 4)
            #expect(!directory.contains("v/deep"))
        }
    }

    @Test(arguments: [true, false])
    func `leaves what is as it should be`(hasChanged: Bool) async throws {
        try await ScopedDirectory.with { directory in
            let files = ProjectedFiles(directory: directory.file("v"))
            try files.write([file("a", "1")])
            let before = FileSystem.target(ofLink: directory.file("v/..data"))
            try files.write([file("a", "1", mode: hasChanged ? 0o600 : 0o644)])
            #expect((FileSystem.target(ofLink: directory.file("v/..data")) == before) == !hasChanged)
        }
    }

    @Test func `takes over a volume whose files are no links`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("old", to: "v/a")
            try directory.write("old", to: "v/b")
            try ProjectedFiles(directory: directory.file("v")).write([file("a", "new")])
            #expect(try directory.read("v/a") == "new")
            #expect(!directory.contains("v/b"))
        }
    }
}
