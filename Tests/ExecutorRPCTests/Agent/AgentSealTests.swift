import AsyncHTTPClient
import KargoCore
import KargoTestSupport
import Logging
import Testing

@testable import ExecutorRPC

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

@Suite("Sealing of an agent's secrets")
struct AgentSealTests {
    /// A Pod's directories as its init container leaves them.
    private func withSecrets(_ body: (ScopedDirectory, AgentProgram) async throws -> Void) async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("", to: "termination-log")
            for name in ["vol", "auth", "identity"] {
                try FileManager.default.createDirectory(
                    atPath: directory.file(name),
                    withIntermediateDirectories: false
                )
            }
            _ = try AgentInit(
                environment: ["KARGO_SIDECARS": "probe"],
                volume: directory.file("vol"),
                tokens: directory.file("auth"),
                identity: directory.file("identity"),
                terminationLog: directory.file("termination-log")
            )
            .run()
            let program = try AgentProgram(
                environment: [
                    "KARGO_AGENT_TOKEN_SHA256": Digest.sha256("token".utf8).hexadecimal,
                    "KARGO_STEP_PLUGIN_TARGETS":
                        #"{"probe": {"address": "http://localhost:1", "containerName": "probe"}}"#,
                ],
                registry: StepRegistry(),
                tokensDirectory: directory.file("auth/tokens"),
                identityDirectory: directory.file("identity"),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            defer { chmod(directory.file("auth/tokens"), 0o700) }
            try await body(directory, program)
        }
    }

    private func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    /// A program that a step starts, asked for a file.
    private func contents(_ path: String) -> String? {
        (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `leaves nothing to read, also for itself, and starts again all the same`() async throws {
        try await withSecrets { directory, program in
            let client = HTTPPluginTransport.makeClient()
            var certificates: Set<[UInt8]> = []
            for _ in 0..<2 {
                let (identity, plugins) = try program.loadSecrets(client)
                certificates.insert(identity.pair.certificate)
                #expect(plugins.keys.sorted() == ["probe"])
                #expect(try mode(directory.file("auth/tokens")) == 0)
                #expect(try mode(directory.file("identity/tls.key")) == 0)
                // Modes don't bind root.
                if getuid() != 0 {
                    #expect(contents(directory.file("auth/tokens/probe/token")) == nil)
                    #expect(contents(directory.file("identity/tls.key")) == nil)
                }
            }
            #expect(certificates.count == 1)
            try await client.shutdown()
        }
    }

    @Test func `leaves a sidecar its token`() async throws {
        try await withSecrets { directory, program in
            let client = HTTPPluginTransport.makeClient()
            _ = try program.loadSecrets(client)
            try await client.shutdown()
            chmod(directory.file("auth/tokens"), 0o700)
            // What the kubelet mounts into the sidecar.
            #expect(try mode(directory.file("auth/tokens/probe")) == 0o711)
            #expect(try mode(directory.file("auth/tokens/probe/token")) == 0o444)
        }
    }

    @Test func `does not start without its key`() async throws {
        try await withSecrets { directory, program in
            try FileManager.default.removeItem(atPath: directory.file("identity/tls.crt"))
            let client = HTTPPluginTransport.makeClient()
            let failure = #expect(throws: AgentIdentity.Failure.self) { try program.loadSecrets(client) }
            #expect(
                failure?.description
                    == "\(directory.file("identity")) has no key and certificate that belong together"
            )
            try await client.shutdown()
        }
    }
}
