import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Connection to a cluster")
struct ClusterConnectionTests {
    private static let anything: @Sendable (ScriptedServer.Request, Int) -> ScriptedServer.Answer = { _, _ in .object()
    }
    private static let quick = Backoff(first: .milliseconds(1), longest: .milliseconds(2))

    private func settings(
        answer: Duration = .seconds(10),
        silence: Duration = .seconds(10)
    ) -> ClusterConnection.Settings {
        var settings = ClusterConnection.Settings()
        settings.answerTimeout = answer
        settings.watchSilence = silence
        settings.backoff = Self.quick
        return settings
    }

    private func send(
        _ request: APIRequest,
        _ server: ScriptedServer,
        settings: ClusterConnection.Settings? = nil
    ) async throws -> JSONValue {
        let configuration = ClusterConfiguration(server: server.url)
        return try await ClusterConnection.with(configuration, settings: settings ?? self.settings()) {
            try await $0.object(request)
        }
    }

    @Test func `uses a connection again`() async throws {
        try await ScriptedServer.with(.object()) { server in
            try await ClusterConnection.with(ClusterConfiguration(server: server.url + "/prefix/")) { api in
                for _ in 0..<5 { _ = try await api.get(.pods, namespace: "n", name: "p") }
            }
            #expect(server.requests.count == 5)
            #expect(server.connectionCount == 1)
            #expect(server.requests[0].uri == "/prefix/api/v1/namespaces/n/pods/p")
        }
    }

    @Test(arguments: [429, 500, 502, 503, 504])
    func `reads again after the server's failure`(status: Int) async throws {
        try await ScriptedServer.with(.status(status), .status(status, [("retry-after", "0")]), .object()) { server in
            let answer = try await send(APIRequest(.get, "/x"), server)
            #expect(answer == [:])
            #expect(server.requests.count == 3)
        }
    }

    @Test(arguments: [(429, 3), (500, 1), (503, 1), (504, 1), (409, 1), (404, 1)])
    func `writes again only what the server did not look at`(status: Int, requests: Int) async throws {
        try await ScriptedServer.with(.status(status), .status(status), .object()) { server in
            _ = try? await send(APIRequest(.post, "/x", body: []), server)
            #expect(server.requests.count == requests)
        }
    }

    @Test(arguments: [429, 500, 503])
    func `writes again when the server asks for it`(status: Int) async throws {
        try await ScriptedServer.with(.status(status, [("retry-after", "0")]), .object()) { server in
            let answer = try await send(APIRequest(.post, "/x", body: []), server)
            #expect(answer == [:])
            #expect(server.requests.count == 2)
        }
    }

    @Test func `gives up after some attempts and says what the server said`() async throws {
        try await ScriptedServer.with(.status(503)) { server in
            let error = await #expect(throws: KubernetesError.self) { try await send(APIRequest(.get, "/x"), server) }
            #expect(error?.code == .serverError)
            #expect(error?.message == "status 503")
            #expect(server.requests.count == 5)
        }
    }

    @Test func `waits as long as the server asks for`() async throws {
        let clock = ManualClock()
        var settings = settings()
        settings.clock = clock
        try await ScriptedServer.with(.status(429, [("retry-after", "7")]), .object()) { [settings] server in
            async let answer = send(APIRequest(.put, "/x", body: []), server, settings: settings)
            await clock.waitForSleepers()
            #expect(clock.nextWakeUp == .seconds(7))
            clock.advance(by: .seconds(7))
            let value = try await answer
            #expect(value == [:])
        }
    }

    @Test func `does not wait for hours, but says how long the server wants`() async throws {
        try await ScriptedServer.with(.status(429, [("retry-after", "3600")])) { server in
            let error = await #expect(throws: KubernetesError.self) { try await send(APIRequest(.get, "/x"), server) }
            #expect(error?.code == .tooManyRequests)
            #expect(error?.retryAfter == .seconds(3600))
            #expect(server.requests.count == 1)
        }
    }

    @Test(arguments: [ScriptedServer.Answer.hangUp, .pieces([#"{"a":"#], then: .cut)])
    func `reads again when the connection is lost`(loss: ScriptedServer.Answer) async throws {
        try await ScriptedServer.with(loss, loss, .object()) { server in
            let answer = try await send(APIRequest(.get, "/x"), server)
            #expect(answer == [:])
            #expect(server.requests.count == 3)
        }
    }

    @Test(arguments: [401, 403])
    func `doubts the refusal of a server that was away`(status: Int) async throws {
        try await ScriptedServer.with(.hangUp, .status(status), .status(status), .object()) { server in
            try await ClusterConnection.with(ClusterConfiguration(server: server.url), settings: settings()) {
                cluster in
                _ = try? await cluster.create(.pods, namespace: "demo", [:])
                _ = try await cluster.create(.pods, namespace: "demo", [:])
            }
            #expect(server.requests.count == 4)
        }
    }

    @Test func `takes the refusal of a server that was there as it is`() async throws {
        try await ScriptedServer.with(.object(), .status(403)) { server in
            let error = await #expect(throws: KubernetesError.self) {
                try await ClusterConnection.with(ClusterConfiguration(server: server.url), settings: settings()) {
                    cluster in
                    _ = try await cluster.create(.pods, namespace: "demo", [:])
                    _ = try await cluster.create(.pods, namespace: "demo", [:])
                }
            }
            #expect(error?.code == .forbidden)
            #expect(server.requests.count == 2)
        }
    }

    @Test func `does not repeat a write whose connection is lost`() async throws {
        try await ScriptedServer.with(.hangUp, .object()) { server in
            let error = await #expect(throws: KubernetesError.self) {
                try await send(APIRequest(.post, "/x", body: []), server)
            }
            #expect(error?.code == .unreachable)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `does not wait for ever for the rest of an answer`() async throws {
        try await ScriptedServer.with(.pieces([#"{"a":"#], then: .silence)) { server in
            let error = await #expect(throws: KubernetesError.self) {
                try await send(APIRequest(.get, "/x"), server, settings: settings(answer: .milliseconds(500)))
            }
            #expect(error?.code == .unreachable)
            #expect(error?.message.hasSuffix("it has been silent for too long") == true)
        }
    }

    @Test func `notices that a watch has gone silent`() async throws {
        let line = #"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}"# + "\n"
        try await ScriptedServer.with(.pieces([line], then: .silence)) { server in
            let configuration = ClusterConfiguration(server: server.url)
            var versions: [String] = []
            let error = await #expect(throws: KubernetesError.self) {
                try await ClusterConnection.with(configuration, settings: settings(silence: .milliseconds(500))) {
                    api in
                    try await api.watch(.pods, from: "1") { event in
                        if case .bookmark(let version) = event { versions.append(version) }
                    }
                }
            }
            #expect(error?.code == .unreachable)
            #expect(versions == ["9"])
        }
    }

    @Test func `sends no more than it may`() async throws {
        let clock = ManualClock()
        var settings = ClusterConnection.Settings(rate: RequestRate(perSecond: 1, burst: 2))
        settings.clock = clock
        try await ScriptedServer.with(.object()) { [settings] server in
            try await ClusterConnection.with(ClusterConfiguration(server: server.url), settings: settings) { api in
                async let answers: Void = {
                    for _ in 0..<3 { _ = try await api.object(APIRequest(.get, "/x")) }
                }()
                await clock.waitForSleepers()
                #expect(server.requests.count == 2)
                #expect(clock.nextWakeUp == .seconds(1))
                clock.advance(by: .seconds(1))
                try await answers
            }
            #expect(server.requests.count == 3)
        }
    }

    private func configuration(proxy: TunnelProxy) async throws -> ClusterConfiguration {
        try await ScopedDirectory.with { directory in
            try directory.write(
                """
                current-context: c
                contexts: [{name: c, context: {cluster: k, user: u}}]
                clusters: [{name: k, cluster: {server: "http://cluster.test:8080", proxy-url: "http://127.0.0.1:\(proxy.port)"}}]
                users: [{name: u, user: {token: t, as: bob, as-groups: [x, z], as-user-extra: {a/b: [c]}}}]
                """,
                to: "config"
            )
            return try ClusterConfiguration.discover(environment: ["KUBECONFIG": directory.file("config")])
        }
    }

    @Test func `goes through the proxy and says whom it wants to be`() async throws {
        try await ScriptedServer.with(.object()) { server in
            try await TunnelProxy.with(target: server.port) { proxy in
                let configuration = try await configuration(proxy: proxy)
                _ = try await ClusterConnection.with(configuration) { try await $0.object(APIRequest(.get, "/x")) }
                #expect(proxy.tunnels == ["CONNECT cluster.test:8080 HTTP/1.1"])
            }
            let request = try #require(server.requests.first)
            #expect(request.uri == "/x")
            #expect(request.headers["host"] == ["cluster.test:8080"])
            #expect(request.headers["authorization"] == ["Bearer t"])
            #expect(request.headers["impersonate-user"] == ["bob"])
            #expect(request.headers["impersonate-group"] == ["x", "z"])
            #expect(request.headers["impersonate-extra-a%2fb"] == ["c"])
        }
    }

    @Test(arguments: [
        ("cluster.test", true), ("other.test", false),
    ])
    func `takes the certificate of the name that it was told`(name: String, works: Bool) async throws {
        // Not for 127.0.0.1, which would do whatever the name.
        let pair = try Certificate.makeSelfSignedServer(name: "cluster.test", now: Date(), days: 1)
        try await ScriptedServer.with(tls: TestCertificate.serverContext(pair), Self.anything) { server in
            var configuration = ClusterConfiguration(server: "https://127.0.0.1:\(server.port)")
            configuration.certificateAuthority = pair.certificate
            configuration.tlsServerName = name
            let object = try? await ClusterConnection.with(configuration, reaching: .once) {
                try await $0.object(APIRequest(.get, "/x"))
            }
            #expect((object != nil) == works)
            #expect(server.requests.map { $0.headers["host"] } == (works ? [["127.0.0.1:\(server.port)"]] : []))
        }
    }
}
