import KargoCore
import KargoTestSupport
import NIOHTTP1
import Testing

@testable import BuiltinSteps

@Suite("Proxies: what goes through them", .timeLimit(.minutes(1)))
struct TunnelTests {
    @Test func `calls of hosting services do`() async throws {
        try await StubServer.with(answer: .always(.text("{\"n\": 1}"))) { server async throws in
            try await TunnelProxy.with(target: server.port) { proxy async throws in
                let rules = ProxyRules(environment: ["HTTP_PROXY": "http://127.0.0.1:\(proxy.port)"])
                let endpoint = APIClient.Endpoint(service: "Test", base: try RequestURL("http://git.test/api"))
                try await APIClient.with(endpoint, proxies: rules) { client in
                    let answer = try await client.call(.GET, ["x"]).json()
                    #expect(answer == ["n": 1])
                }
                #expect(proxy.tunnels == ["CONNECT git.test:80 HTTP/1.1"])
                #expect(server.requests.map(\.uri) == ["/api/x"])
            }
        }
    }

    @Test func `calls of registries do, and TLS passes unseen`() async throws {
        let tls = try TestTLS.context(for: "registry.test")
        try await RegistryBench.with(tls: tls) { bench async throws in
            try await TunnelProxy.with(target: bench.server.port) { proxy async throws in
                var bench = bench
                bench.environment = ["HTTPS_PROXY": "http://127.0.0.1:\(proxy.port)"]
                bench.registry.add(TestImage.text("x"), to: "a/b", as: "1")
                let result = try await bench.download("registry.test/a/b:1", ["insecureSkipTLSVerify": true])
                #expect(result == .succeeded())
                #expect(try bench.bench.read("out") == "x")
                #expect(Set(proxy.tunnels) == ["CONNECT registry.test:443 HTTP/1.1"])
            }
        }
    }
}
