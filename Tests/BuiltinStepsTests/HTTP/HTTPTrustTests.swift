import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("http: certificates")
struct HTTPTrustTests {
    @Test(arguments: [false, true])
    func `must be signed by somebody known, unless any will do`(trustsAny: Bool) async throws {
        try await StubServer.with(tls: try TestTLS.context(for: "known.test"), answer: .always(.text("{}"))) { server in
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
