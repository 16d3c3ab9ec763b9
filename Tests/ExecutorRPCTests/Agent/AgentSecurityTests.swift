import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Testing

@Suite("Security of the connection to an agent", .timeLimit(.minutes(1)))
struct AgentSecurityTests {
    private let service = ExecutionService(bootID: "boot") { _, _ in .succeeded() }

    private func agent(_ port: Int, pin: AgentPin, _ client: HTTPClient) -> AgentClient {
        AgentClient(host: "127.0.0.1", port: port, pin: pin, token: RunningAgent.token, client: client)
    }

    @Test func `tells a stranger nothing`() async throws {
        let stranger = try RunningAgent.makeIdentity()
        let pin = try RunningAgent.pin(RunningAgent.identity.get())
        let requests = try await SecureServer.with(identity: stranger, reply: LoopbackServer.json("{}")) { server in
            let client = HTTPPluginTransport.makeClient()
            await #expect(throws: AgentFailure.untrusted) {
                try await agent(server.port, pin: pin, client).list()
            }
            try await client.shutdown()
            return server.requests
        }
        #expect(requests == [])
    }

    @Test func `does without TLS with nobody`() async throws {
        let pin = try RunningAgent.pin(RunningAgent.identity.get())
        let body = #"{"bootID": "boot", "executions": []}"#
        let requests = try await LoopbackServer.with(reply: LoopbackServer.json(body)) { server in
            let client = HTTPPluginTransport.makeClient()
            await #expect(throws: AgentFailure.self) { try await agent(server.port, pin: pin, client).list() }
            try await client.shutdown()
            return server.requests
        }
        #expect(!requests.contains { $0.contains("Bearer") })
    }

    @Test func `answers nobody who does without TLS`() async throws {
        try await RunningAgent.with(service) { agent in
            let request = "GET /api/v1/executions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer the token\r\n\r\n"
            await #expect(throws: LoopbackClient.Failure.self) {
                try await LoopbackClient.send(request, port: agent.port)
            }
            #expect(agent.authorizedRequests == 0)
        }
    }

    @Test(arguments: [(TLSVersion.tlsv12, false), (.tlsv13, true)])
    func `speaks nothing older than TLS 1.3`(version: TLSVersion, isServed: Bool) async throws {
        try await RunningAgent.with(service) { agent in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            tls.maximumTLSVersion = version
            var request = HTTPClientRequest(url: "https://127.0.0.1:\(agent.port)/")
            request.tlsConfiguration = tls
            let status = try? await agent.client.execute(request, timeout: .seconds(50)).status.code
            #expect(status == (isServed ? 401 : nil))
        }
    }

    /// A client hello promised and not sent.
    @Test(arguments: ["", "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}"])
    func `ends a handshake that takes too long`(beginning: String) async throws {
        try await RunningAgent.with(service, proofTimeout: .milliseconds(50)) { agent in
            // Returns when the agent hangs up.
            await #expect(throws: LoopbackClient.Failure.self) {
                try await LoopbackClient.send(beginning, port: agent.port)
            }
        }
    }

    @Test func `ends a connection whose requests prove nothing`() async throws {
        try await RunningAgent.with(service, proofTimeout: .seconds(1)) { agent in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            let context = try NIOSSLContext(configuration: tls)
            let stranger = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: context, serverHostname: nil)
                        )
                    }
                }
                .connect(host: "127.0.0.1", port: agent.port).get()
            try await stranger.writeAndFlush(ByteBuffer(string: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"))
            // Returns when the agent hangs up.
            try await stranger.closeFuture.get()
            #expect(agent.authorizedRequests == 0)
        }
    }

    @Test func `keeps so many waiting and no more`() async throws {
        try await RunningAgent.with(service) { agent in
            let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            let (ends, end) = AsyncStream.makeStream(of: Void.self)
            var silent: [any Channel] = []
            for _ in 0..<65 {
                let channel = try await bootstrap.connect(host: "127.0.0.1", port: agent.port).get()
                channel.closeFuture.whenComplete { _ in end.yield() }
                silent.append(channel)
            }
            // One is one too many: the first whose turn came.
            for await _ in ends { break }
            #expect(silent.count { !$0.isActive } == 1)
            // The controller is not kept out.
            #expect(try await agent.connection.list().bootID == "boot")
            for channel in silent { try? await channel.close() }
        }
    }

    // MARK: Announcements

    @Test(
        arguments: [
            ("", "what its init container left can't be read: "),
            ("{}", "what its init container left can't be read: "),
            (#"{"protocol": 2, "certificate": ""}"#, "its image speaks protocol 2 and the controller 1; "),
            (#"{"protocol": 1, "certificate": ""}"#, "its init container left something else than one certificate"),
            (#"{"protocol": 1, "certificate": "PEM"}"#, "its init container left something else than one certificate"),
        ]
    )
    func `refuses what is no announcement`(message: String, reason: String) throws {
        let failure = try #require(throws: AgentFailure.self) { try AgentPin(message: message) }
        #expect(failure.description.hasPrefix("the agent can't be reached: \(reason)"))
    }

    @Test func `refuses a certificate for another name, and more than one`() throws {
        let other = try RunningAgent.makeIdentity(name: "elsewhere")
        #expect(throws: AgentFailure.self) { try RunningAgent.pin(other) }
        var two = try RunningAgent.identity.get()
        two.certificate += other.certificate
        let pair = two
        #expect(throws: AgentFailure.self) { try RunningAgent.pin(pair) }
    }
}
