import ExecutorRPC
import KargoCore
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
            try directory.write("", to: "termination-log")
            for name in ["vol", "auth", "identity"] {
                try FileManager.default.createDirectory(
                    atPath: directory.file(name),
                    withIntermediateDirectories: false
                )
            }
            try await body(directory)
        }
    }

    private func makeInit(
        _ directory: ScopedDirectory,
        _ environment: [String: String],
        now: Date = Date()
    ) -> AgentInit {
        AgentInit(
            environment: environment,
            volume: directory.file("vol"),
            tokens: directory.file("auth"),
            identity: directory.file("identity"),
            terminationLog: directory.file("termination-log"),
            now: now
        )
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
            ("vol/sidecar-tmp", 0o711), ("vol/sidecar-tmp/other", 0o1777), ("auth/tokens/other", 0o711),
            ("auth/tokens/other/token", 0o444), ("identity/tls.key", 0o400), ("identity/tls.crt", 0o444),
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

    // MARK: The agent's identity

    private func announcement(_ directory: ScopedDirectory) throws -> AgentPin {
        try AgentPin(message: directory.read("termination-log"))
    }

    @Test func `publishes the certificate of the key and nothing of the key`() async throws {
        try await withVolumes { directory in
            _ = try makeInit(directory, sidecars).run()
            let pin = try announcement(directory)
            let key = try directory.read("identity/tls.key")
            #expect(pin.certificate == Array(try directory.read("identity/tls.crt").utf8))
            #expect(Certificate.matches(.init(certificate: pin.certificate, key: Array(key.utf8))))
            let message = try directory.read("termination-log")
            #expect(!message.contains("PRIVATE"))
            // The kubelet takes no more.
            #expect(message.utf8.count < 4096)
            #expect(try directory.names() == ["auth", "identity", "termination-log", "vol"])
        }
    }

    @Test func `makes a certificate that counts from yesterday for ten years`() async throws {
        try await withVolumes { directory in
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            _ = try makeInit(directory, sidecars, now: now).run()
            let certificate = try announcement(directory).certificate
            let expiry = Certificate.expiry(of: certificate)
            #expect(expiry == now.addingTimeInterval(3650 * 86_400))
            #expect(Certificate.covers(certificate, name: "promotion-agent"))
            #expect(!Certificate.covers(certificate, name: "elsewhere"))
        }
    }

    @Test(arguments: [0o400, 0])
    func `publishes the same certificate when it runs again`(mode: Int) async throws {
        try await withVolumes { directory in
            let work = makeInit(directory, sidecars)
            _ = try work.run()
            let pin = try announcement(directory)
            let key = directory.file("identity/tls.key")
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
            try directory.write("", to: "termination-log")
            _ = try work.run()
            #expect(try announcement(directory) == pin)
            #expect(try self.mode(key) == 0o400)
        }
    }

    @Test(arguments: ["tls.key", "tls.crt"])
    func `makes a new pair where half of one is lost`(file: String) async throws {
        try await withVolumes { directory in
            let work = makeInit(directory, sidecars)
            _ = try work.run()
            let pin = try announcement(directory)
            try FileManager.default.removeItem(atPath: directory.file("identity/\(file)"))
            _ = try work.run()
            let renewed = try announcement(directory)
            #expect(renewed != pin)
            let key = try directory.read("identity/tls.key")
            #expect(Certificate.matches(.init(certificate: renewed.certificate, key: Array(key.utf8))))
        }
    }

    @Test func `fails where it cannot publish`() async throws {
        try await withVolumes { directory in
            try FileManager.default.removeItem(atPath: directory.file("termination-log"))
            let failure = try #require(throws: AgentInit.Failure.self) { try makeInit(directory, sidecars).run() }
            #expect(
                failure.description
                    == "\(directory.file("termination-log")) can't be opened: No such file or directory"
            )
        }
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
