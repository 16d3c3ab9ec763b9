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

@Suite("Renewal of client certificates", .timeLimit(.minutes(1)))
struct ClientCertificateRenewalTests {
    private func pair() throws -> Certificate.Pair {
        try Certificate.makeSelfSignedServer(name: "client", now: Date(), days: 1)
    }

    private func write(_ certificate: [UInt8], _ key: [UInt8], _ directory: ScopedDirectory) throws {
        try directory.write(String(decoding: certificate, as: UTF8.self), to: "client.pem")
        try directory.write(String(decoding: key, as: UTF8.self), to: "key.pem")
    }

    /// A kubeconfig with a certificate in files and a token.
    private func configuration(
        _ directory: ScopedDirectory,
        _ pair: Certificate.Pair,
        server: String = "https://127.0.0.1:1"
    ) throws -> ClusterConfiguration {
        try write(pair.certificate, pair.key, directory)
        try directory.write(TestCertificate.chain, to: "ca.pem")
        try directory.write(
            """
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: "\(server)", certificate-authority: ca.pem}}]
            users: [{name: u, user: {token: t, client-certificate: client.pem, client-key: key.pem}}]
            """,
            to: "config"
        )
        return try ClusterConfiguration.discover(environment: ["KUBECONFIG": directory.file("config")])
    }

    @Test func `a connection takes the certificate that came while it was open, and sends the token beside it`()
        async throws
    {
        let old = try pair()
        try await ScopedDirectory.with { directory in
            try await ScriptedServer.with(tls: TestCertificate.serverContext(), { _, _ in .object() }) { server in
                let url = "https://127.0.0.1:\(server.port)"
                let configuration = try configuration(directory, old, server: url)
                try await ClusterConnection.with(configuration, reaching: .once) { api in
                    await #expect(throws: KubernetesError.self) { try await api.object(APIRequest(.post, "/x")) }
                    #expect(server.requests.isEmpty)
                    try write(Array(TestCertificate.chain.utf8), Array(TestCertificate.key.utf8), directory)
                    _ = try await api.object(APIRequest(.post, "/x"))
                    #expect(server.requests.map { $0.headers["authorization"] } == [["Bearer t"]])
                }
            }
        }
    }

    @Test func `the files are read twice a minute, and half a pair is left alone`() async throws {
        let (old, new) = (try pair(), try pair())
        try await ScopedDirectory.with { directory in
            let clock = ManualClock()
            let authenticator = ClusterAuthenticator(try configuration(directory, old), clock: clock)
            try write(new.certificate, new.key, directory)
            #expect(try await authenticator.proof().tls == nil)
            try write(new.certificate, old.key, directory)
            clock.advance(by: .seconds(30))
            #expect(try await authenticator.proof().tls == nil)
            try write(new.certificate, new.key, directory)
            clock.advance(by: .seconds(30))
            let proof = try await authenticator.proof()
            let chain = try NIOSSLCertificate.fromPEMBytes(new.certificate)
            #expect(proof.tls?.certificateChain == chain.map { .certificate($0) })
            #expect(proof.authorization == "Bearer t")
        }
    }

    @Test func `a certificate that was refused is replaced if there is a newer one`() async throws {
        let (old, new) = (try pair(), try pair())
        try await ScopedDirectory.with { directory in
            let authenticator = ClusterAuthenticator(try configuration(directory, old), clock: ManualClock())
            let proof = try await authenticator.proof()
            #expect(await !authenticator.isReplaceable(proof))
            try write(new.certificate, new.key, directory)
            #expect(await authenticator.isReplaceable(proof))
            // Another request of the same time.
            #expect(await authenticator.isReplaceable(proof))
            let next = try await authenticator.proof()
            #expect(await !authenticator.isReplaceable(next))
        }
    }
}
