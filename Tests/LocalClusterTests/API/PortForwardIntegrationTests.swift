import AsyncHTTPClient
import KargoCore
import KargoTestSupport
import KubernetesClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import LocalCluster

@Suite("Port-forwards of a local cluster", .timeLimit(.minutes(1)))
struct PortForwardIntegrationTests {
    /// A Pod that a test has put in a phase, at the loopback address.
    private static func makePod(_ cluster: ClusterFixture, phase: String) async throws {
        let container: JSONValue = ["name": "a", "image": "a"]
        let pod: JSONValue = ["metadata": ["name": "agent"], "spec": ["containers": [container]]]
        _ = try await cluster.api.create(.pods, namespace: "default", pod)
        let status: JSONValue = ["status": ["phase": .string(phase), "podIP": "127.0.0.1"]]
        _ = try await cluster.api.patch(
            .pods,
            namespace: "default",
            name: "agent",
            subresource: "status",
            .merge(status)
        )
    }

    /// Sends a word to a port of the Pod and returns what comes back; nil if there was no tunnel.
    private static func ask(_ cluster: ClusterFixture, port: Int) async throws -> (answer: String?, failure: String?) {
        let proxy = try await PortForwardProxy(cluster: cluster.api)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await proxy.run() }
            defer { group.cancelAll() }
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: "127.0.0.1", port: proxy.settings.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            let pod = ObjectKey(namespace: "default", name: "agent")
            let password = try #require(proxy.settings.authorization).headerValue
            let answer = try await channel.executeThenClose { inbound, outbound -> String? in
                var pieces = inbound.makeAsyncIterator()
                let head = "CONNECT \(PortForwardProxy.host(of: pod)):\(port) HTTP/1.1\r\n"
                try await outbound.write(ByteBuffer(string: "\(head)proxy-authorization: \(password)\r\n\r\n"))
                var text = ""
                while !text.hasSuffix("\r\n\r\n"), let piece = try await pieces.next() { text += String(buffer: piece) }
                guard text.hasPrefix("HTTP/1.1 200 ") else { return nil }
                // The tunnel may have ended already.
                try? await outbound.write(ByteBuffer(string: "hello"))
                text = ""
                while text != "hello", let piece = try? await pieces.next() { text += String(buffer: piece) }
                return text
            }
            return (answer, proxy.failure(of: pod))
        }
    }

    /// Sends back what it gets.
    private final class Echo: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
    }

    private static func withEcho(_ body: (Int) async throws -> Void) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { $0.pipeline.addHandler(Echo()) }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(listener.localAddress?.port ?? 0))
        } catch {
            outcome = .failure(error)
        }
        try await listener.close()
        try outcome.get()
    }

    @Test func `lead to the Pod`() async throws {
        try await ClusterFixture.with { cluster in
            try await Self.makePod(cluster, phase: "Running")
            try await Self.withEcho { port in
                let (answer, failure) = try await Self.ask(cluster, port: port)
                #expect(answer == "hello")
                #expect(failure == nil)
            }
            // The server goes on with requests.
            #expect(try await cluster.api.get(.pods, namespace: "default", name: "agent")["kind"] == "Pod")
        }
    }

    @Test func `tell that nothing listens`() async throws {
        try await ClusterFixture.with { cluster in
            try await Self.makePod(cluster, phase: "Running")
            let (answer, failure) = try await Self.ask(cluster, port: 1)
            #expect(answer == "")
            #expect(failure?.hasPrefix("nothing listens at 127.0.0.1, port 1: ") == true)
        }
    }

    @Test(arguments: [nil, "Pending"] as [String?])
    func `are refused for a Pod that does not run`(phase: String?) async throws {
        try await ClusterFixture.with { cluster in
            if let phase { try await Self.makePod(cluster, phase: phase) }
            let (answer, failure) = try await Self.ask(cluster, port: 1)
            #expect(answer == nil)
            #expect(
                failure
                    == phase.map { "unable to forward port because pod is not running; it is \($0)" }
                    ?? "pods \"agent\" not found"
            )
        }
    }

    @Test func `say what they are over anything else`() async throws {
        try await ClusterFixture.with { cluster in
            try await Self.makePod(cluster, phase: "Running")
            let path = "/api/v1/namespaces/default/pods/agent/portforward"
            for method in [APIRequest.Method.get, .post] {
                let refusal = await failure { _ = try await cluster.api.object(APIRequest(method, path)) }
                #expect(refusal?.code == .badRequest)
                #expect(refusal?.message.hasPrefix("this cluster forwards ports over WebSocket") == true)
            }
        }
    }

    // MARK: First bytes

    @Test(
        arguments: [
            ("", .undecided), ("GE", .undecided), ("GET /a/portforward HTTP/1.1\r\nupg", .undecided), ("P", .plain),
            ("GET /a HTTP/1.1\r\n", .plain), ("POST /a/portforward HTTP/1.1\r\n", .plain),
            ("GET /a/portforward HTTP/1.1\r\nhost: a\r\n\r\n", .plain),
            ("GET /a/portforward?ports=1 HTTP/1.1\r\nUpgrade: websocket\r\n\r\n", .portForward),
        ] as [(String, FirstRequest)]
    )
    func `are told from other requests by the first bytes`(text: String, expected: FirstRequest) {
        #expect(FirstRequest(ByteBuffer(string: text).readableBytesView) == expected)
    }
}
