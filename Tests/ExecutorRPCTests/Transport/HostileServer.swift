import KargoCore
import NIOCore
import NIOPosix
import Synchronization

/// A plugin that does with a connection what it likes.
final class HostileServer: Sendable {
    typealias Writer = NIOAsyncChannelOutboundWriter<ByteBuffer>
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    let port: Int
    private let state = Mutex((begun: 0, closed: 0))
    private let changes = WaitList<Bool>()

    private init(port: Int) { self.port = port }

    /// Runs a plugin as long as the body lasts.
    ///
    /// - Parameters:
    ///   - attack: What it writes when it was asked something, by the number of the connection.
    ///   - body: What asks it.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    static func with<Result: Sendable>(
        _ attack: @escaping @Sendable (Int, Writer) async throws -> Void,
        _ body: (HostileServer) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        let server = HostileServer(port: listener.channel.localAddress?.port ?? 0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await listener.executeThenClose { inbound in
                        for try await connection in inbound {
                            connections.addTask { await server.serve(connection, attack) }
                        }
                    }
                    connections.cancelAll()
                }
            }
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(server))
            } catch {
                result = .failure(error)
            }
            try await listener.channel.close()
            try await group.waitForAll()
            return try result.get()
        }
    }

    private func serve(_ connection: Connection, _ attack: @Sendable (Int, Writer) async throws -> Void) async {
        try? await connection.executeThenClose { inbound, outbound in
            var hasBegun = false
            for try await _ in inbound where !hasBegun {
                hasBegun = true
                let number = state.withLock { state in
                    state.begun += 1
                    return state.begun
                }
                changes.wakeAll()
                try await attack(number, outbound)
            }
        }
        state.withLock { $0.closed += 1 }
        changes.wakeAll()
    }

    /// Waits until it was asked so often.
    func waitForRequests(_ count: Int) async {
        while !Task.isCancelled, state.withLock(\.begun) < count {
            await changes.wait(for: true) { state.withLock(\.begun) >= count }
        }
    }

    /// Waits until so many connections are closed.
    func waitForClosing(_ count: Int) async {
        while !Task.isCancelled, state.withLock(\.closed) < count {
            await changes.wait(for: true) { state.withLock(\.closed) >= count }
        }
    }
}
