import KargoCore
import KargoTestSupport
import NIOSSL
import Testing

@testable import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Renewal of the authorities inside a cluster", .timeLimit(.minutes(1)))
struct AuthorityRenewalTests {
    private func pair() throws -> Certificate.Pair {
        try Certificate.makeSelfSignedServer(name: "cluster.test", now: Date(), days: 1)
    }

    /// What a Pod finds in its service account's directory.
    private func configuration(
        _ directory: ScopedDirectory,
        authority: [UInt8],
        port: Int = 1
    ) throws -> ClusterConfiguration {
        try write(authority, directory)
        try directory.write("team", to: "namespace")
        try directory.write("t", to: "token")
        var configuration = try ClusterConfiguration.inCluster(
            environment: ["KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "\(port)"],
            directory: directory.path
        )
        configuration.tlsServerName = "cluster.test"
        return configuration
    }

    private func write(_ authority: [UInt8], _ directory: ScopedDirectory) throws {
        try directory.write(String(decoding: authority, as: UTF8.self), to: "ca.crt")
    }

    @Test func `a connection trusts the authority that came while it was open`() async throws {
        let (old, new) = (try pair(), try pair())
        try await ScopedDirectory.with { directory in
            try await ScriptedServer.with(tls: TestCertificate.serverContext(new), { _, _ in .object() }) { server in
                let configuration = try configuration(directory, authority: old.certificate, port: server.port)
                try await ClusterConnection.with(configuration, reaching: .once) { api in
                    await #expect(throws: KubernetesError.self) { try await api.object(APIRequest(.post, "/x")) }
                    #expect(server.requests.isEmpty)
                    try write(new.certificate, directory)
                    _ = try await api.object(APIRequest(.post, "/x"))
                    #expect(server.requests.count == 1)
                    #expect(
                        api.statistics.counts == [
                            .init(method: .post, status: nil): 1, .init(method: .post, status: 200): 1,
                        ]
                    )
                }
            }
        }
    }

    @Test func `the file is read twice a minute, and what is no certificate is left alone`() async throws {
        let (old, new) = (try pair(), try pair())
        try await ScopedDirectory.with { directory in
            let clock = ManualClock()
            let configuration = try configuration(directory, authority: old.certificate)
            let authenticator = ClusterAuthenticator(configuration, clock: clock)
            clock.advance(by: .seconds(60))
            #expect(try await authenticator.proof().tls == nil)
            try write(new.certificate, directory)
            #expect(try await authenticator.proof().tls == nil)
            clock.advance(by: .seconds(30))
            let roots = NIOSSLTrustRoots.certificates(try NIOSSLCertificate.fromPEMBytes(new.certificate))
            #expect(try await authenticator.proof().tls?.trustRoots == roots)
            try directory.write("half a certif", to: "ca.crt")
            clock.advance(by: .seconds(30))
            #expect(try await authenticator.proof().tls?.trustRoots == roots)
            try FileManager.default.removeItem(atPath: directory.file("ca.crt"))
            clock.advance(by: .seconds(30))
            #expect(try await authenticator.proof().tls?.trustRoots == roots)
            #expect(try await authenticator.proof().authorization == "Bearer t")
        }
    }
}
