import KargoCore
import NIOSSL
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("http: certificates")
struct HTTPTrustTests {
    @Test(arguments: [false, true])
    func `must be signed by somebody known, unless any will do`(trustsAny: Bool) async throws {
        let authority = try Certificate.makeAuthority(name: "nobody", now: Date(), days: 1)
        let pair = try Certificate.makeServer(
            name: "known",
            addresses: [],
            names: ["known.test"],
            authority: authority.certificate,
            authorityKey: authority.key,
            now: Date(),
            days: 1
        )
        let tls = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: NIOSSLCertificate.fromPEMBytes(pair.certificate).map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: pair.key, format: .pem))
            )
        )
        try await StubServer.with(tls: tls, answer: .always(.text("{}"))) { server in
            try await StepBench.with { bench async throws in
                let sender = HTTPSender(
                    resolver: HostResolver { _ in ["127.0.0.1"] },
                    proxies: ProxyRules(environment: [:])
                )
                let config: JSONValue = [
                    "url": .string("https://known.test:\(server.port)/"), "insecureSkipTLSVerify": .bool(trustsAny),
                ]
                let result = try await HTTPStep(sender: sender).run(bench.context("http", config))
                #expect(result.status == (trustsAny ? .succeeded : .errored))
                #expect(server.requests.count == (trustsAny ? 1 : 0))
            }
        }
    }
}
