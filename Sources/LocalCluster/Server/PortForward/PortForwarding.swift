import KargoCore
import NIOCore
import NIOPosix
import NIOWebSocket

/// A port of a Pod that somebody wants to talk to.
struct ForwardedPort: Sendable, Hashable {
    /// How the bytes are framed; other ways, which tunnel SPDY, are not served.
    static let subprotocol = "v4.channel.k8s.io"

    /// The address of the Pod.
    var address: String
    var port: UInt16
}

/// Carries bytes between a WebSocket and a port, each message with the number of a channel in front: 0 for bytes, 1 for
/// the words of an error.
enum PortForwarding {
    private static let data: UInt8 = 0
    private static let errors: UInt8 = 1

    /// Carries bytes until either side has enough.
    ///
    /// - Throws: The connection broke, or the task was cancelled.
    static func run(_ socket: UpgradableChannel.Socket, to port: ForwardedPort) async throws {
        try await socket.executeThenClose { frames, outbound in
            for channel in [data, errors] {
                try await outbound.write(frame(channel, ByteBuffer(integer: port.port, endianness: .little)))
            }
            let pod: NIOAsyncChannel<ByteBuffer, ByteBuffer>
            do {
                pod = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                    .connectTimeout(.seconds(5))
                    .connect(host: port.address, port: Int(port.port)) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                        }
                    }
            } catch {
                let reason = "nothing listens at \(port.address), port \(port.port): \(error)"
                try await outbound.write(frame(errors, ByteBuffer(string: reason)))
                // Closed by the client: a close with bytes of it unread would take the reason away again.
                for try await frame in frames where frame.opcode == .connectionClose { break }
                return
            }
            try await copy(frames, outbound, pod, closing: socket.channel)
        }
    }

    private static func copy(
        _ frames: NIOAsyncChannelInboundStream<WebSocketFrame>,
        _ socket: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
        _ pod: NIOAsyncChannel<ByteBuffer, ByteBuffer>,
        closing channel: any Channel
    ) async throws {
        try await pod.executeThenClose { pieces, outbound in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    // Ends the reading below.
                    defer { channel.close(promise: nil) }
                    for try await piece in pieces { try await socket.write(frame(data, piece)) }
                }
                defer { group.cancelAll() }
                for try await frame in frames {
                    switch frame.opcode {
                    case .binary:
                        var bytes = frame.unmaskedData
                        guard bytes.readInteger(as: UInt8.self) == data else { continue }
                        try await outbound.write(bytes)
                    case .continuation: try await outbound.write(frame.unmaskedData)
                    case .ping:
                        try await socket.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
                    case .connectionClose: return
                    default: break
                    }
                }
            }
        }
    }

    private static func frame(_ channel: UInt8, _ bytes: ByteBuffer) -> WebSocketFrame {
        var payload = ByteBuffer(integer: channel)
        payload.writeImmutableBuffer(bytes)
        return WebSocketFrame(fin: true, opcode: .binary, data: payload)
    }
}
