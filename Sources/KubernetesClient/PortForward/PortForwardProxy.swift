public import AsyncHTTPClient
public import KargoCore
import NIOCore
import NIOPosix
import NIOWebSocket
import Synchronization

/// An HTTP proxy on a loopback address that leads to ports of Pods, through the API server.
///
/// It is for clients that can't reach the network of the Pods. They ask for `POD.NAMESPACE.pod`, see
/// ``host(of:)``; whoever else is on the machine lacks the password.
public struct PortForwardProxy: Sendable {
    /// The most bytes that are read of a request.
    private static let longestRequest = 16 * 1024

    private let cluster: ClusterConnection
    private let listener: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>
    private let token = Token.random()
    private let failures = FailureList()

    /// Begins to listen; ``run()`` serves.
    ///
    /// - Parameter cluster: The connection to the API server.
    /// - Throws: There is no port.
    public init(cluster: ClusterConnection) async throws {
        self.cluster = cluster
        listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// How a client is told of it.
    public var settings: HTTPClient.Configuration.Proxy {
        .server(
            host: "127.0.0.1",
            port: listener.channel.localAddress?.port ?? 0,
            authorization: .basic(username: "kargo", password: token)
        )
    }

    /// The name by which a client asks for a Pod.
    public static func host(of pod: ObjectKey) -> String { "\(pod.name).\(pod.namespace)\(ConnectRequest.suffix)" }

    /// Why a Pod was not reached the last time; nil if it was.
    public func failure(of pod: ObjectKey) -> String? { failures[pod] }

    /// Serves until the task is cancelled.
    public func run() async throws {
        try await listener.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask {
                        // What breaks is for both ends to see, and breaks nothing else.
                        try? await serve(connection)
                    }
                }
            }
        }
    }

    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var pieces = inbound.makeAsyncIterator()
            var head = ""
            while !head.hasSuffix("\r\n\r\n"), head.utf8.count < Self.longestRequest,
                let piece = try await pieces.next()
            { head += String(buffer: piece) }
            guard let request = ConnectRequest(head, token: token) else {
                try await outbound.write(Self.answer("407 Proxy Authentication Required"))
                return
            }
            let pod = ObjectKey(namespace: request.namespace, name: request.pod)
            let socket: ClusterConnection.PortForwardChannel
            do {
                socket = try await cluster.openPortForward(pod, port: request.port)
            } catch {
                failures[pod] = (error as? KubernetesError)?.message ?? "\(error)"
                try await outbound.write(Self.answer("502 Bad Gateway"))
                return
            }
            failures[pod] = nil
            try await socket.executeThenClose { frames, socketOutbound in
                try await outbound.write(Self.answer("200 OK"))
                // Ends when this does, and ends the reading below.
                async let _: Void = answers(connection.channel, frames, outbound, socketOutbound, pod)
                while let piece = try await pieces.next() { try await socketOutbound.write(Self.frame(piece)) }
            }
        }
    }

    private func answers(
        _ connection: any Channel,
        _ frames: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ client: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ pongs: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
        _ pod: ObjectKey
    ) async throws {
        defer { connection.close(promise: nil) }
        try await copy(frames, to: client, pongs: pongs, pod)
    }

    private func copy(
        _ frames: NIOAsyncChannelInboundStream<WebSocketFrame>,
        to client: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        pongs: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
        _ pod: ObjectKey
    ) async throws {
        var reader = PortForwardReader()
        for try await frame in frames {
            switch frame.opcode {
            case .binary, .text, .continuation:
                let payload = Array(buffer: frame.unmaskedData)
                switch reader.read(payload, isContinuation: frame.opcode == .continuation) {
                case .bytes(let bytes): try await client.write(ByteBuffer(bytes: bytes))
                case .failure(let reason):
                    failures[pod] = reason
                    return
                case .nothing: break
                }
            case .ping:
                try await pongs.write(
                    WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData)
                )
            case .connectionClose: return
            default: break
            }
        }
    }

    /// A message on the channel of the bytes.
    private static func frame(_ bytes: ByteBuffer) -> WebSocketFrame {
        var data = ByteBuffer(integer: UInt8(0))
        data.writeImmutableBuffer(bytes)
        return WebSocketFrame(fin: true, opcode: .binary, maskKey: .random(), data: data)
    }

    private static func answer(_ status: String) -> ByteBuffer {
        // Without a length: what follows a success is not HTTP, and after a failure nothing does.
        ByteBuffer(string: "HTTP/1.1 \(status)\r\n\(status.hasPrefix("200") ? "" : "content-length: 0\r\n")\r\n")
    }
}

/// Why Pods were not reached.
private final class FailureList: Sendable {
    private let failures = Mutex<[ObjectKey: String]>([:])

    subscript(pod: ObjectKey) -> String? {
        get { failures.withLock { $0[pod] } }
        set { failures.withLock { $0[pod] = newValue } }
    }
}
