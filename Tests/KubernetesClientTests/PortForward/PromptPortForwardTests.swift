import KargoCore
import NIOCore
import NIOPosix
import NIOWebSocket
import Testing

@testable import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Port-forward: frames that come with the answer", .timeLimit(.minutes(1)))
struct PromptPortForwardTests {
    @Test func `are not lost`() async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let port = listener.channel.localAddress?.port ?? 0
        try await listener.executeThenClose { connections in
            async let served: Void = serve(connections)
            let frames = try await frames(port: port)
            #expect(frames == [[0, 0x24, 0x26], [1, 0x24, 0x26]])
            try await served
        }
    }

    private func frames(port: Int) async throws -> [[UInt8]] {
        try await ClusterConnection.with(
            ClusterConfiguration(server: "http://127.0.0.1:\(port)"),
            reaching: .once
        ) { cluster in
            let channel = try await cluster.openPortForward(ObjectKey(namespace: "demo", name: "agent"), port: 9764)
            return try await channel.executeThenClose { inbound, _ in
                var frames: [[UInt8]] = []
                for try await frame in inbound {
                    frames.append(Array(buffer: frame.data))
                    if frames.count == 2 { break }
                }
                return frames
            }
        }
    }

    /// Agrees, and sends the first two frames in the same piece, as a busy server may.
    private func serve(
        _ connections: NIOAsyncChannelInboundStream<NIOAsyncChannel<ByteBuffer, ByteBuffer>>
    ) async throws {
        for try await connection in connections {
            try await connection.executeThenClose { inbound, outbound in
                var pieces = inbound.makeAsyncIterator()
                var head = ""
                while !head.hasSuffix("\r\n\r\n"), let piece = try await pieces.next() { head += String(buffer: piece) }
                let lines = head.split(separator: "\r\n")
                let key = try #require(lines.first { $0.lowercased().hasPrefix("sec-websocket-key:") })
                let nonce = key.split(separator: " ")[1]
                let proof = Digest.sha1("\(nonce)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
                var answer = ByteBuffer(
                    string: "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                        + "sec-websocket-accept: \(Data(proof).base64EncodedString())\r\n"
                        + "sec-websocket-protocol: v4.channel.k8s.io\r\n\r\n"
                )
                for number: UInt8 in [0, 1] { answer.writeBytes([0x82, 3, number, 0x24, 0x26]) }
                try await outbound.write(answer)
                while try await pieces.next() != nil {}
            }
            return
        }
    }
}
