import KargoCore
import NIOHTTP1
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Authentication with registries", .timeLimit(.minutes(1)))
struct RegistryAuthenticationTests {
    private static let basic = "Basic " + Data("alice:secret".utf8).base64EncodedString()

    private static func challenge(_ text: String) -> StubServer.Response {
        StubServer.Response(status: 401, headers: [("www-authenticate", text)])
    }

    /// A registry that wants tokens of its own token server.
    private static func tokenRegistry(token: String = "t0ken", key: String = "token") -> StubRegistry {
        StubRegistry { request in
            if request.path == "/token" { return .text("{\"\(key)\":\"\(token)\"}") }
            if request.headers.first(name: "authorization") == "Bearer \(token)" { return nil }
            let port = request.headers.first(name: "host")?.split(separator: ":").last ?? ""
            return challenge(
                "Bearer realm=\"http://127.0.0.1:\(port)/token\",service=\"stub\",scope=\"repository:a/b:pull\""
            )
        }
    }

    @Test(arguments: ["token", "access_token"])
    func `gets a token, once for the same scope`(key: String) async throws {
        try await RegistryBench.with(Self.tokenRegistry(key: key)) { bench async throws in
            var bench = bench
            let url = "\(bench.host)/a/b"
            bench.credentials = StubCredentials([url: RepositoryCredentials(username: "alice", password: "secret")])
            bench.registry.add(TestImage.text("x"), to: "a/b", as: "1")
            #expect(try await bench.download("\(url):1") == .succeeded())
            let tokens = bench.requests.filter { $0.path == "/token" }
            #expect(tokens.map(\.uri) == ["/token?scope=repository%3Aa%2Fb%3Apull&service=stub"])
            #expect(tokens.map { $0.headers.first(name: "authorization") } == [Self.basic])
            #expect(bench.requests.filter { $0.path != "/token" }.count == 3)
        }
    }

    @Test func `gets a token without credentials too`() async throws {
        try await RegistryBench.with(Self.tokenRegistry()) { bench async throws in
            bench.registry.add(TestImage.text("x"), to: "a/b", as: "1")
            #expect(try await bench.download("\(bench.host)/a/b:1") == .succeeded())
            #expect(bench.requests.filter { $0.path == "/token" }[0].headers.first(name: "authorization") == nil)
        }
    }

    @Test func `gives user and password where the registry asks for them`() async throws {
        let registry = StubRegistry { request in
            request.headers.first(name: "authorization") == Self.basic ? nil : Self.challenge("Basic realm=\"x\"")
        }
        try await RegistryBench.with(registry) { bench async throws in
            var bench = bench
            let url = "\(bench.host)/a/b"
            bench.registry.add(TestImage.text("x"), to: "a/b", as: "1")
            let anonymous = try await bench.download("\(url):1")
            #expect(anonymous.status == .errored)
            #expect(anonymous.message.contains("there are no credentials for it"))
            bench.credentials = StubCredentials([url: RepositoryCredentials(username: "alice", password: "wrong")])
            let wrong = try await bench.download("\(url):1")
            #expect(wrong.status == .errored)
            #expect(wrong.message.contains("doesn't allow GET"))
            #expect(!wrong.message.contains("wrong"))
            bench.credentials = StubCredentials([url: RepositoryCredentials(username: "alice", password: "secret")])
            #expect(try await bench.download("\(url):1") == .succeeded())
            #expect(
                bench.server.requests.allSatisfy { $0.path != "/v2/" || !$0.headers.contains(name: "authorization") }
            )
        }
    }

    @Test func `tells another host nothing`() async throws {
        try await StubServer.with(answer: .always(.text("x"))) { storage in
            let registry = StubRegistry { request in
                guard request.headers.first(name: "authorization") == Self.basic else {
                    return Self.challenge("Basic realm=\"x\"")
                }
                return request.path.contains("/blobs/")
                    ? .redirect(to: storage.url("/blob?sig=a%2Fb"), status: 307) : nil
            }
            try await RegistryBench.with(registry) { bench async throws in
                var bench = bench
                let url = "\(bench.host)/a/b"
                bench.credentials = StubCredentials([url: RepositoryCredentials(username: "alice", password: "secret")])
                bench.registry.add(TestImage.text("x"), to: "a/b", as: "1")
                #expect(try await bench.download("\(url):1") == .succeeded())
                #expect(storage.requests.map(\.uri) == ["/blob?sig=a%2Fb"])
                #expect(storage.requests.allSatisfy { !$0.headers.contains(name: "authorization") })
            }
        }
    }

    @Test func `sends no credentials over plain HTTP to another machine, unless allowed`() async throws {
        let registry = StubRegistry { request in
            request.headers.first(name: "authorization") == Self.basic ? nil : Self.challenge("Basic realm=\"x\"")
        }
        try await RegistryBench.with(registry) { bench async throws in
            var bench = bench
            let host = "registry.test.local:\(bench.server.port)"
            bench.hosts = ["registry.test.local": ["127.0.0.1"]]
            bench.credentials = StubCredentials(
                ["\(host)/a": RepositoryCredentials(username: "alice", password: "secret")]
            )
            bench.registry.add(TestImage.text("x"), to: "a", as: "1")
            let refused = try await bench.download("\(host)/a:1")
            #expect(refused.status == .errored)
            #expect(refused.message.contains("ALLOW_CREDENTIALS_OVER_HTTP"))
            #expect(bench.server.requests.allSatisfy { !$0.headers.contains(name: "authorization") })
            bench.environment = ["ALLOW_CREDENTIALS_OVER_HTTP": "true"]
            #expect(try await bench.download("\(host)/a:1") == .succeeded())
        }
    }

    @Test func `is not led to a link-local address`() async throws {
        let registry = StubRegistry { request in
            Self.challenge("Bearer realm=\"http://169.254.169.254/token\"")
        }
        try await RegistryBench.with(registry) { bench async throws in
            let result = try await bench.download("\(bench.host)/a/b:1")
            #expect(result.status == .errored)
            #expect(result.message.contains("link-local"))
        }
    }

    @Test func `calls others by TLS only`() async throws {
        try await RegistryBench.with { bench async throws in
            var bench = bench
            bench.hosts = ["registry.test": ["127.0.0.1"]]
            bench.registry.add(TestImage.text("x"), to: "a", as: "1")
            let result = try await bench.download("registry.test:\(bench.server.port)/a:1")
            #expect(result.status == .errored)
            #expect(bench.server.requests.isEmpty)
        }
    }

    @Test func `waits for a busy registry, as long as it says`() async throws {
        let turns = Turns()
        let registry = StubRegistry { request in
            guard request.path.contains("/manifests/") else { return nil }
            switch turns.next() {
            case 1: return StubServer.Response(status: 429, headers: [("retry-after", "7")])
            case 2: return StubServer.Response(status: 503)
            default: return nil
            }
        }
        try await RegistryBench.with(registry) { bench async throws in
            bench.registry.add(TestImage.text("x"), to: "a", as: "1")
            #expect(try await bench.download("\(bench.host)/a:1") == .succeeded())
            #expect(bench.waits == [.seconds(7), .seconds(2)])
        }
    }

    @Test func `gives up on a registry that stays busy`() async throws {
        let registry = StubRegistry { $0.path.contains("/manifests/") ? StubServer.Response(status: 429) : nil }
        try await RegistryBench.with(registry) { bench async throws in
            let result = try await bench.download("\(bench.host)/a:1")
            #expect(result.status == .errored)
            #expect(result.message.contains("status 429"))
            #expect(bench.waits == [.seconds(1), .seconds(2), .seconds(4)])
        }
    }
}
