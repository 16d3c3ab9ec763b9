import NIOCore
import NIOPosix
import Synchronization

/// A proxy that makes tunnels, all to the same server, and remembers what it was asked for.
public final class TunnelProxy: Sendable {
    private let log = Mutex<[String]>([])
    /// Where it listens on 127.0.0.1.
    public let port: Int

    /// The first lines of what it was asked.
    public var tunnels: [String] { log.withLock(\.self) }

    private init(port: Int) { self.port = port }

    /// Runs a proxy.
    ///
    /// - Parameters:
    ///   - target: The port to which every tunnel leads, whatever its name.
    ///   - body: What uses the proxy.
    /// - Throws: What the body throws.
    public static func with(target: Int, _ body: (TunnelProxy) async throws -> Void) async throws {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let proxy = TunnelProxy(port: listener.channel.localAddress?.port ?? 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await listener.executeThenClose { inbound in
                        for try await connection in inbound {
                            connections.addTask { await proxy.serve(connection, target) }
                        }
                    }
                    connections.cancelAll()
                }
            }
            let result: Swift.Result<Void, any Error>
            do {
                result = .success(try await body(proxy))
            } catch {
                result = .failure(error)
            }
            try await listener.channel.close()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// A client that goes away in the middle is no failure of the proxy.
    private func serve(_ connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ target: Int) async {
        try? await connection.executeThenClose { inbound, outbound in
            var parts = inbound.makeAsyncIterator()
            var head = ""
            while !head.hasSuffix("\r\n\r\n") {
                guard let part = try await parts.next() else { return }
                head += String(buffer: part)
            }
            let line = String(head.prefix { $0 != "\r\n" })
            log.withLock { $0.append(line) }
            let server = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: target) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await server.executeThenClose { answers, requests in
                try await outbound.write(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { for try await part in answers { try await outbound.write(part) } }
                    while let part = try await parts.next() { try await requests.write(part) }
                    group.cancelAll()
                }
            }
        }
    }
}
