import KargoCore
import NIOHTTP1
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Registries that point elsewhere", .timeLimit(.minutes(1)))
struct RegistryRedirectTests {
    private static let basic = "Basic " + Data("alice:secret".utf8).base64EncodedString()
    private static let credentials = RepositoryCredentials(username: "alice", password: "secret")

    /// A registry that asks for a password and answers some requests as it is told.
    private static func registry(
        _ answer: @escaping @Sendable (StubServer.Request) -> StubServer.Response?
    ) -> StubRegistry {
        StubRegistry { request in
            guard request.headers.first(name: "authorization") == basic else {
                return StubServer.Response(status: 401, headers: [("www-authenticate", "Basic realm=\"x\"")])
            }
            return answer(request)
        }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `may not point from HTTPS to HTTP`(status: Int) async throws {
        try await StubServer.with(answer: .always(.text("x"))) { storage in
            let registry = StubRegistry { request in
                request.path.contains("/blobs/") ? .redirect(to: storage.url("/blob"), status: status) : nil
            }
            try await RegistryBench.with(registry, tls: try TestTLS.context(for: "x")) { bench async throws in
                bench.registry.add(TestImage.text("x"), to: "a", as: "1")
                let result = try await bench.download("\(bench.host)/a:1", ["insecureSkipTLSVerify": true])
                #expect(result.status == .errored)
                #expect(result.message.contains("points from HTTPS to HTTP"))
                #expect(storage.requests.isEmpty)
                #expect(!bench.bench.contains("out"))
            }
        }
    }

    @Test func `may not have uploads sent from HTTPS to HTTP`() async throws {
        try await StubServer.with(answer: .always(.text("", status: 201))) { storage in
            let registry = StubRegistry { request in
                request.method == .POST
                    ? StubServer.Response(status: 202, headers: [("location", storage.url("/upload"))]) : nil
            }
            try await RegistryBench.with(registry, tls: try TestTLS.context(for: "x")) { bench async throws in
                bench.registry.add(TestImage.text("x"), to: "a", as: "1")
                let result = try await bench.push("\(bench.host)/a:1", to: "\(bench.host)/b:1", trustsAny: true)
                #expect(result.status == .errored)
                #expect(result.message.contains("points from HTTPS to HTTP"))
                #expect(storage.requests.isEmpty)
            }
        }
    }

    @Test(arguments: [1, 1 << 21])
    func `have uploads sent elsewhere without credentials`(size: Int) async throws {
        let answer = StubServer.Answer.by { request in
            request.method == .PATCH
                ? StubServer.Response(status: 202, headers: [("location", "/next?a=b")]) : .text("", status: 201)
        }
        try await StubServer.with(answer: answer) { storage in
            let registry = Self.registry { request in
                request.method == .POST
                    ? StubServer.Response(status: 202, headers: [("location", storage.url("/upload?sig=a%2Fb"))]) : nil
            }
            try await RegistryBench.with(registry) { destination async throws in
                try await RegistryBench.with { source async throws in
                    var source = source
                    source.credentials = StubCredentials(["\(destination.host)/b": Self.credentials])
                    source.registry.add(TestImage.text(String(repeating: "x", count: size)), to: "a", as: "1")
                    let result = try await source.push("\(source.host)/a:1", to: "\(destination.host)/b:1")
                    #expect(result.status == .succeeded, "\(result)")
                    #expect(storage.requests.count == (size == 1 ? 2 : 3))
                    #expect(storage.requests.allSatisfy { !$0.headers.contains(name: "authorization") })
                    #expect(
                        storage.requests.filter { $0.method == .PUT }.allSatisfy { $0.uri.contains("&digest=sha256") }
                    )
                }
            }
        }
    }

    @Test(arguments: ["Basic realm=\"x\"", "Bearer realm=\"http://127.0.0.1:PORT/token\""])
    func `tell nobody who asks`(challenge: String) async throws {
        try await StubServer.with(answer: .always(.text("{\"token\":\"t\"}"))) { thief in
            let challenge = challenge.replacing("PORT", with: "\(thief.port)")
            let refusal = StubServer.Response(status: 401, headers: [("www-authenticate", challenge)])
            try await StubServer.with(answer: .always(refusal)) { storage in
                let registry = Self.registry { request in
                    request.path.contains("/blobs/") ? .redirect(to: storage.url("/blob"), status: 307) : nil
                }
                try await RegistryBench.with(registry) { bench async throws in
                    var bench = bench
                    bench.credentials = StubCredentials(["\(bench.host)/a": Self.credentials])
                    bench.registry.add(TestImage.text("x"), to: "a", as: "1")
                    #expect(try await bench.download("\(bench.host)/a:1").status == .errored)
                    #expect(storage.requests.count == 1)
                    #expect(storage.requests.allSatisfy { !$0.headers.contains(name: "authorization") })
                    #expect(thief.requests.isEmpty)
                }
            }
        }
    }
}
