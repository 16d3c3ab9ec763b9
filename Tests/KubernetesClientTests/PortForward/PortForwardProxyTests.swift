import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Synchronization
import Testing

@testable import KubernetesClient

@Suite("Port-forward proxy", .timeLimit(.minutes(1)))
struct PortForwardProxyTests {
    /// What a Pod answers to `GET /`.
    private static let reply = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"

    /// Asks a Pod through a proxy in front of a server.
    private func ask(
        _ behavior: ForwardingServer.Behavior,
        host: String = "agent.demo.pod:9764"
    ) async throws -> (answer: String?, failure: String?, requests: [String]) {
        try await ForwardingServer.with(behavior) { server in
            let configuration = ClusterConfiguration(
                server: "http://127.0.0.1:\(server.port)/base",
                credentials: .token("of the controller")
            )
            return try await ClusterConnection.with(configuration, reaching: .once) { cluster in
                let proxy = try await PortForwardProxy(cluster: cluster)
                return try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await proxy.run() }
                    defer { group.cancelAll() }
                    let answer = try await get("http://\(host)/", proxy.settings)
                    let pod = ObjectKey(namespace: "demo", name: "agent")
                    return (answer, proxy.failure(of: pod), server.requests)
                }
            }
        }
    }

    /// A request over a tunnel, such as clients make for HTTPS; the tunnel is made by hand to do without TLS.
    private func get(_ url: String, _ proxy: HTTPClient.Configuration.Proxy) async throws -> String? {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "127.0.0.1", port: proxy.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let target = url.dropFirst("http://".count).dropLast()
        let authorization = try #require(proxy.authorization).headerValue
        return try await channel.executeThenClose { inbound, outbound in
            var pieces = inbound.makeAsyncIterator()
            try await outbound.write(
                ByteBuffer(
                    string: "CONNECT \(target) HTTP/1.1\r\nproxy-authorization: \(authorization)\r\n\r\n"
                )
            )
            var text = ""
            while !text.hasSuffix("\r\n\r\n"), let piece = try await pieces.next() { text += String(buffer: piece) }
            guard text.hasPrefix("HTTP/1.1 200 ") else { return nil }
            // The tunnel may have ended already.
            try? await outbound.write(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
            text = ""
            while let piece = try? await pieces.next() {
                text += String(buffer: piece)
                if text == Self.reply { break }
            }
            return text
        }
    }

    @Test func `carries bytes both ways`() async throws {
        let (answer, failure, requests) = try await ask(.forward(Self.reply))
        #expect(answer == Self.reply)
        #expect(failure == nil)
        #expect(
            requests == [
                "GET /base/api/v1/namespaces/demo/pods/agent/portforward?ports=9764", "Bearer of the controller",
                "v4.channel.k8s.io", "GET / HTTP/1.1\r\n\r\n",
            ]
        )
    }

    @Test func `tells what the server refuses`() async throws {
        let (answer, failure, _) = try await ask(.refuse(#"{"message": "pods \"agent\" is forbidden"}"#))
        #expect(answer == nil)
        #expect(failure == #"pods "agent" is forbidden"#)
    }

    @Test func `tells what the Pod refuses`() async throws {
        let (answer, failure, _) = try await ask(.fail("connection refused"))
        #expect(answer == "")
        #expect(failure == "connection refused")
    }

    @Test func `leads nowhere else`() async throws {
        let (answer, _, requests) = try await ask(.forward(Self.reply), host: "example.com:443")
        #expect(answer == nil)
        #expect(requests == [])
    }
}

/// An API server that forwards one port, or does not.
private struct ForwardingServer {
    enum Behavior: Sendable {
        /// Answers the first bytes with these.
        case forward(String)
        /// Says on the channel of errors why not.
        case fail(String)
        /// Answers with 403 and this.
        case refuse(String)
    }

    private typealias Socket = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

    let port: Int
    private let ledger: Ledger

    /// Targets, authorizations, protocols and bytes, in the order in which they came.
    var requests: [String] { ledger.all }

    static func with<Result: Sendable>(
        _ behavior: Behavior,
        _ body: @Sendable (ForwardingServer) async throws -> Result
    ) async throws -> Result {
        let ledger = Ledger()
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try upgrade(channel, behavior, ledger) }
            }
        let server = ForwardingServer(port: listener.channel.localAddress?.port ?? 0, ledger: ledger)
        return try await listener.executeThenClose { connections in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await connection in connections {
                        if let socket = try await connection.get() { try? await serve(socket, behavior, ledger) }
                    }
                }
                defer { group.cancelAll() }
                return try await body(server)
            }
        }
    }

    private static func upgrade(
        _ channel: any Channel,
        _ behavior: Behavior,
        _ ledger: Ledger
    ) throws -> EventLoopFuture<Socket?> {
        let upgrader = NIOTypedWebSocketServerUpgrader<Socket?>(
            shouldUpgrade: { channel, head in
                ledger.add("\(head.method) \(head.uri)")
                ledger.add(head.headers.first(name: "authorization") ?? "")
                let name = head.headers.first(name: "sec-websocket-protocol") ?? ""
                ledger.add(name)
                if case .refuse = behavior { return channel.eventLoop.makeSucceededFuture(nil) }
                return channel.eventLoop.makeSucceededFuture(["sec-websocket-protocol": name])
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try Socket(wrappingChannelSynchronously: channel) }
            }
        )
        return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: NIOUpgradableHTTPServerPipelineConfiguration(
                upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(upgraders: [upgrader]) { channel in
                    let text = if case .refuse(let text) = behavior { text } else { "" }
                    let head = HTTPResponseHead(
                        version: .http1_1,
                        status: .forbidden,
                        headers: ["content-length": "\(text.utf8.count)"]
                    )
                    channel.write(HTTPServerResponsePart.head(head), promise: nil)
                    channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
                    return channel.writeAndFlush(HTTPServerResponsePart.end(nil)).map { nil }
                }
            )
        )
    }

    private static func serve(_ socket: Socket, _ behavior: Behavior, _ ledger: Ledger) async throws {
        try await socket.executeThenClose { inbound, outbound in
            func send(_ channel: UInt8, _ bytes: [UInt8]) async throws {
                try await outbound.write(
                    WebSocketFrame(fin: true, opcode: .binary, data: ByteBuffer(bytes: [channel] + bytes))
                )
            }
            for channel: UInt8 in [0, 1] { try await send(channel, [0x24, 0x26]) }
            if case .fail(let reason) = behavior { try await send(1, Array(reason.utf8)) }
            for try await frame in inbound where frame.opcode == .binary {
                let bytes = Array(buffer: frame.unmaskedData)
                #expect(bytes.first == 0)
                ledger.add(String(decoding: bytes.dropFirst(), as: UTF8.self))
                if case .forward(let reply) = behavior { try await send(0, Array(reply.utf8)) }
            }
        }
    }

    private final class Ledger: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }
}
