import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import NIOCore
import Testing

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

extension Tag {
    /// Starts real processes.
    @Tag static var integration: Self
}

@Suite("Agents where the environment names a proxy", .tags(.integration), .timeLimit(.minutes(1)))
struct AgentProxyIntegrationTests {
    /// An address that rules for proxies do not leave out, as they do those of the loopback; that one where the machine
    /// has no other.
    private static var address: String {
        get throws {
            try System.enumerateDevices().compactMap(\.address)
                .first { $0.protocol == .inet && $0.ipAddress?.hasPrefix("127.") == false }?
                .ipAddress ?? "127.0.0.1"
        }
    }

    @Test func `are called past it`() async {
        // In a process of its own, because its environment is changed.
        await #expect(processExitsWith: .success) {
            for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
                // Nobody listens there.
                for name in [name, name.lowercased()] { setenv(name, "http://127.0.0.1:1", 1) }
            }
            let service = ExecutionService(bootID: "boot") { _, _ in .succeeded() }
            try await RunningAgent.with(service, host: try Self.address) { agent in
                let client = AgentClient.makeHTTPClient()
                let connection = AgentClient(
                    host: agent.host,
                    port: agent.port,
                    pin: agent.pin,
                    token: RunningAgent.token,
                    client: client
                )
                try #require(await connection.list().bootID == "boot")
                try await client.shutdown()
            }
        }
    }
}
