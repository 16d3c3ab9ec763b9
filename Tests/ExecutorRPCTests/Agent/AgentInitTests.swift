import ExecutorRPC
import KargoTestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Agent init")
struct AgentInitTests {
    private let sidecars = ["KARGO_SIDECARS": "mkdir-step-plugin,other"]

    /// A directory with a volume for the work directory and one for the tokens.
    private func withVolumes(_ body: (ScopedDirectory) async throws -> Void) async throws {
        try await ScopedDirectory.with { directory in
            for name in ["vol", "auth"] {
                try FileManager.default.createDirectory(
                    atPath: directory.file(name),
                    withIntermediateDirectories: false
                )
            }
            try await body(directory)
        }
    }

    private func makeInit(_ directory: ScopedDirectory, _ environment: [String: String]) -> AgentInit {
        AgentInit(environment: environment, volume: directory.file("vol"), tokens: directory.file("auth"))
    }

    /// The mode with the bits for the group and for deletion.
    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test(
        arguments: [
            ("vol/workspace", 0o2770), ("vol/git", 0o2750), ("vol/tmp", 0o700), ("auth/tokens", 0o700),
            ("auth/tokens/mkdir-step-plugin", 0o711), ("auth/tokens/mkdir-step-plugin/token", 0o444),
            ("auth/tokens/other", 0o711), ("auth/tokens/other/token", 0o444),
        ]
    )
    func `gives each path the mode that it needs`(path: String, expected: Int) async throws {
        try await withVolumes { directory in
            _ = try makeInit(directory, sidecars).run()
            #expect(try mode(directory.file(path)) == expected)
        }
    }

    @Test func `makes a token for each sidecar and leaves nothing else`() async throws {
        try await withVolumes { directory in
            _ = try makeInit(directory, sidecars).run()
            var tokens: Set<String> = []
            for sidecar in ["mkdir-step-plugin", "other"] {
                let names = try FileManager.default.contentsOfDirectory(
                    atPath: directory.file("auth/tokens/\(sidecar)")
                )
                #expect(names == ["token"])
                tokens.insert(try directory.read("auth/tokens/\(sidecar)/token"))
            }
            #expect(tokens.count == 2)
            #expect(tokens.allSatisfy { $0.utf8.count == 43 })
        }
    }

    @Test(arguments: [[:], ["KARGO_SIDECARS": ""], ["KARGO_SIDECARS": ","]])
    func `makes no token where there is no sidecar`(environment: [String: String]) async throws {
        try await withVolumes { directory in
            _ = try makeInit(directory, environment).run()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("auth/tokens")) == [])
            #expect(directory.contains("vol/workspace"))
        }
    }

    @Test func `keeps everything when it runs again`() async throws {
        try await withVolumes { directory in
            let work = makeInit(directory, sidecars)
            _ = try work.run()
            let token = try directory.read("auth/tokens/other/token")
            try directory.write("kept", to: "vol/workspace/file")
            _ = try work.run()
            #expect(try directory.read("auth/tokens/other/token") == token)
            #expect(try directory.read("vol/workspace/file") == "kept")
            #expect(try mode(directory.file("vol/workspace")) == 0o2770)
        }
    }

    @Test(arguments: ["", "half a token", String(repeating: "x", count: 42)])
    func `puts a token in the place of one that is too short`(old: String) async throws {
        try await withVolumes { directory in
            try directory.write(old, to: "auth/tokens/other/token")
            let path = directory.file("auth/tokens/other/token")
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
            let number = try fileNumber(path)
            _ = try makeInit(directory, sidecars).run()
            #expect(try directory.read("auth/tokens/other/token").utf8.count == 43)
            #expect(try mode(path) == 0o444)
            // Another file: whoever read the old one meanwhile has not seen half a token.
            #expect(try fileNumber(path) != number)
        }
    }

    private func fileNumber(_ path: String) throws -> UInt64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.systemFileNumber] as? UInt64)
    }

    @Test func `repairs the mode of a directory`() async throws {
        try await withVolumes { directory in
            try directory.write("kept", to: "vol/workspace/file")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o700],
                ofItemAtPath: directory.file("vol/workspace")
            )
            _ = try makeInit(directory, sidecars).run()
            #expect(try mode(directory.file("vol/workspace")) == 0o2770)
        }
    }

    @Test func `says what it cannot make`() async throws {
        try await ScopedDirectory.with { directory in
            let work = AgentInit(environment: [:], volume: directory.file("none"), tokens: directory.file("auth"))
            let failure = try #require(throws: AgentInit.Failure.self) { try work.run() }
            #expect(
                failure.description == "\(directory.file("none"))/workspace can't be made: No such file or directory"
            )
        }
    }
}
