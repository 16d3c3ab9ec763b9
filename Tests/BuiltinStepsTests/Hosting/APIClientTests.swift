import KargoCore
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import Testing

@testable import BuiltinSteps

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Hosting: calls of an API")
struct APIClientTests {
    private func failure(
        _ status: Int,
        _ body: String = "",
        _ headers: [(String, String)] = [],
        now: Date = Date(timeIntervalSince1970: 1000)
    ) -> APIFailure? {
        APIResponse(call: "GitHub: GET /x", status: status, headers: HTTPHeaders(headers), body: Array(body.utf8))
            .failure(hiding: ["s3cret"], now: now)
    }

    private func call<Result>(
        _ server: StubServer,
        _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        let endpoint = APIClient.Endpoint(
            service: "Test",
            base: try RequestURL(server.url("/api")),
            headers: [("Authorization", "Bearer s3cret")],
            secrets: ["s3cret"]
        )
        return try await APIClient.with(endpoint, proxies: ProxyRules(environment: [:]), body)
    }

    @Test(
        arguments: [
            (429, [], nil), (429, [("retry-after", "7")], .seconds(7)),
            (403, [("retry-after", "60")], .seconds(60)),
            (403, [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1042")], .seconds(42)),
            (429, [("ratelimit-reset", "1001")], .seconds(1)), (429, [("x-ratelimit-reset", "1")], .zero),
            (429, [("retry-after", "999999999")], .seconds(3600)), (429, [("retry-after", "soon")], nil),
        ] as [(Int, [(String, String)], Duration?)]
    )
    func `say when there were too many`(status: Int, headers: [(String, String)], delay: Duration?) throws {
        let failure = try #require(self.failure(status, "{\"message\": \"slow down\"}", headers))
        #expect(failure.code == .limited(retryAfter: delay))
        #expect(failure.isTransient)
        #expect(failure.description.contains("slow down; too many requests, try again"))
    }

    @Test func `tell what is forbidden from too many`() {
        #expect(failure(403, "{}", [("x-ratelimit-remaining", "10")])?.code == .refused(status: 403))
    }

    @Test(arguments: [(200, true), (201, true), (204, true), (203, false), (301, false), (404, false), (500, false)])
    func `succeed by their status`(status: Int, isSuccess: Bool) {
        #expect((failure(status) == nil) == isSuccess)
    }

    @Test(arguments: [(500, true), (503, true), (555, true), (400, false), (401, false), (404, false), (408, true)])
    func `may do better later`(status: Int, isTransient: Bool) {
        #expect(failure(status)?.isTransient == isTransient)
    }

    @Test(
        arguments: [
            (#"{"message": "no"}"#, "no"), (#"{"message": ["a", "b"]}"#, "a, b"),
            (#"{"message": {"base": ["too old"]}}"#, "base too old"), (#"{"error": {"message": "no"}}"#, "no"),
            (#"{"error": "insufficient_scope"}"#, "insufficient_scope"),
            (
                #"{"message": "Failed", "errors": [{"message": "exists"}, {"code": "missing"}]}"#,
                "Failed; exists; missing"
            ),
            (#"{"message": "your token s3cret is bad"}"#, "your token *** is bad"), ("<html>", ""), ("[1]", ""),
            ("", ""),
        ]
    )
    func `give the service's reason`(body: String, reason: String) throws {
        let failure = try #require(self.failure(422, body))
        #expect(failure.reason == reason)
        #expect(
            failure.description == "GitHub: GET /x: 422 Unprocessable Entity" + (reason.isEmpty ? "" : ": \(reason)")
        )
    }

    @Test(arguments: [("GET", 301), ("GET", 302), ("GET", 307), ("PATCH", 307), ("POST", 308)])
    func `follow redirects on their host`(method: String, status: Int) async throws {
        let answer = StubServer.Answer.by { request in
            request.path == "/api/old" ? .redirect(to: "/api/new?a=1", status: status) : .text("{\"n\": 1}")
        }
        try await StubServer.with(answer: answer) { server in
            let response = try await call(server) {
                try await $0.call(HTTPMethod(rawValue: method), ["old"], body: method == "GET" ? nil : ["x": 1])
            }
            #expect(try response.json() == ["n": 1])
            let last = try #require(server.requests.last)
            #expect(last.uri == "/api/new?a=1")
            #expect(last.method.rawValue == method)
            #expect(last.headers.first(name: "authorization") == "Bearer s3cret")
            #expect(last.body == (method == "GET" ? "" : "{\"x\":1}"))
        }
    }

    @Test(arguments: ["http://localhost:PORT/x", "http://127.0.0.1:1/x", "https://127.0.0.1:PORT/x", "//localhost/x"])
    func `take the token to no other host`(location: String) async throws {
        try await StubServer.with(answer: .always(.text("{}"))) { other in
            let location = location.replacing("PORT", with: "\(other.port)")
            try await StubServer.with(answer: .always(.redirect(to: location))) { server in
                let failure = await #expect(throws: APIFailure.self) {
                    try await call(server) { try await $0.call(.GET, ["x"]) }
                }
                #expect(failure?.code == .malformed)
                #expect(failure?.description.contains("s3cret") == false)
                await #expect(throws: APIFailure.self) { try await call(server) { try await $0.get(url: location) } }
                #expect(other.requests.isEmpty)
            }
        }
    }

    @Test func `end in a loop of redirects`() async throws {
        try await StubServer.with(answer: .always(.redirect(to: "/api/x"))) { server in
            await #expect(throws: APIFailure.self) { try await call(server) { try await $0.call(.GET, ["x"]) } }
            #expect(server.requests.count == 6)
        }
    }

    @Test func `do not turn into others by a redirect`() async throws {
        try await StubServer.with(answer: .always(.redirect(to: "/api/y", status: 301))) { server in
            let failure = await #expect(throws: APIFailure.self) {
                try await call(server) { try await $0.call(.POST, ["x"], body: [:]) }
            }
            #expect(failure?.status == 301)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `take no answer that is too large`() async throws {
        let huge = StubServer.Response(body: [UInt8](repeating: UInt8(ascii: " "), count: APIClient.largestBody + 1))
        try await StubServer.with(answer: .always(huge)) { server in
            let failure = await #expect(throws: APIFailure.self) {
                try await call(server) { try await $0.call(.GET, ["x"]) }
            }
            #expect(failure?.code == .malformed)
        }
    }

    @Test func `encode what they are told`() async throws {
        try await StubServer.with(answer: .always(.text("{}"))) { server in
            _ = try await call(server) { try await $0.call(.GET, ["a/b", "ü", ".."], query: [("q", "a b&c=d+é")]) }
            #expect(server.requests.first?.uri == "/api/a%2Fb/%C3%BC/..?q=a%20b%26c%3Dd%2B%C3%A9")
        }
    }

    @Test func `say that nobody answers`() async throws {
        let port = try await StubServer.with(answer: .always(.text(""))) { $0.port }
        let endpoint = APIClient.Endpoint(service: "Test", base: try RequestURL("http://127.0.0.1:\(port)"))
        let failure = await #expect(throws: APIFailure.self) {
            try await APIClient.with(endpoint, proxies: ProxyRules(environment: [:])) { try await $0.call(.GET, ["x"]) }
        }
        #expect(failure?.code == .unreachable)
    }

    @Test func `stop when nobody wants them any more`() async throws {
        let (asked, continuation) = AsyncStream.makeStream(of: Void.self)
        let answer = StubServer.Answer.by { _ in
            continuation.yield()
            return StubServer.Response(neverComes: true)
        }
        try await StubServer.with(answer: answer) { server in
            let task = Task { try await call(server) { try await $0.call(.GET, ["x"]) } }
            for await _ in asked { break }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
        }
    }

    @Test func `go through the proxy of the process`() async throws {
        try await StubServer.with(answer: .always(.text("no", status: 403))) { proxy in
            let endpoint = APIClient.Endpoint(service: "Test", base: try RequestURL("http://git.test/api"))
            let proxies = ProxyRules(environment: ["HTTP_PROXY": proxy.url("")])
            let failure = await #expect(throws: APIFailure.self) {
                try await APIClient.with(endpoint, proxies: proxies) { _ = try await $0.call(.GET, ["x"]) }
            }
            #expect(failure?.code == .unreachable)
            #expect(proxy.requests.map(\.method) == [.CONNECT])
            #expect(proxy.requests.map(\.uri) == ["git.test:80"])
        }
    }

    @Test(arguments: [false, true])
    func `trust known certificates, unless any will do`(trustsAny: Bool) async throws {
        let authority = try Certificate.makeAuthority(name: "nobody", now: Date(), days: 1)
        let pair = try Certificate.makeServer(
            name: "known",
            addresses: ["127.0.0.1"],
            names: [],
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
            var endpoint = APIClient.Endpoint(
                service: "Test",
                base: try RequestURL("https://127.0.0.1:\(server.port)")
            )
            endpoint.trustsAnyCertificate = trustsAny
            let attempt = { [endpoint] in
                try await APIClient.with(endpoint, proxies: ProxyRules(environment: [:])) { client in
                    try await client.call(.GET, ["x"]).status
                }
            }
            if trustsAny {
                #expect(try await attempt() == 200)
            } else {
                let failure = await #expect(throws: APIFailure.self) { try await attempt() }
                #expect(failure?.code == .unreachable && server.requests.isEmpty)
            }
        }
    }
}
