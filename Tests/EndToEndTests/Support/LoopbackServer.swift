import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP server on the loopback address that does with each request what a test says.
enum LoopbackServer {
    typealias Writer = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Runs a server as long as the body lasts.
    ///
    /// - Parameters:
    ///   - answer: Answers a request; an error closes the connection.
    ///   - body: Gets the port.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws.
    static func with<Result: Sendable>(
        _ answer: @escaping @Sendable (HTTPRequestHead, ByteBuffer, Writer) async throws -> Void,
        _ body: (Int) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await listener.executeThenClose { inbound in
                        for try await connection in inbound {
                            connections.addTask { await serve(connection, answer) }
                        }
                    }
                    connections.cancelAll()
                }
            }
            let result: Swift.Result<Result, any Error>
            do {
                result = .success(try await body(listener.channel.localAddress?.port ?? 0))
            } catch {
                result = .failure(error)
            }
            // Not by cancellation: a connection that was accepted must not be left without anybody to serve it.
            try await listener.channel.close()
            try await group.waitForAll()
            return try result.get()
        }
    }

    /// A client that goes away in the middle is no failure of the server.
    private static func serve(
        _ connection: Connection,
        _ answer: @Sendable (HTTPRequestHead, ByteBuffer, Writer) async throws -> Void
    ) async {
        try? await connection.executeThenClose { inbound, outbound in
            var head: HTTPRequestHead?
            var body = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let next): head = next
                case .body(var bytes): body.writeBuffer(&bytes)
                case .end:
                    guard let request = head else { continue }
                    try await answer(request, body, outbound)
                    body.clear()
                }
            }
        }
    }

    /// Writes a whole answer.
    static func write(
        _ status: Int,
        _ text: String,
        headers: [(String, String)] = [],
        to writer: Writer
    ) async throws {
        var headers = HTTPHeaders(headers)
        headers.add(name: "content-type", value: "application/json")
        headers.add(name: "content-length", value: "\(text.utf8.count)")
        let status = HTTPResponseStatus(statusCode: status)
        try await writer.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
        try await writer.write(.body(.byteBuffer(ByteBuffer(string: text))))
        try await writer.write(.end(nil))
    }
}
