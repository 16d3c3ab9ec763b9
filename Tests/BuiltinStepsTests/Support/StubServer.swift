import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A server on the loopback address that answers as a test tells it, and remembers what it was asked.
final class StubServer: Sendable {
    struct Request: Sendable {
        let method: HTTPMethod
        let uri: String
        let headers: HTTPHeaders
        let body: String

        /// The path without the query.
        var path: String { String(uri.prefix { $0 != "?" }) }
    }

    struct Response: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Whether the connection stays open and nothing comes.
        var neverComes = false
        /// The length that is announced if it is not that of the body, after which the connection ends.
        var announcedLength: Int?
        /// What is awaited before anything is sent.
        var gate: Gate?
        /// Whether the body is repeated until nobody listens any more.
        var isEndless = false

        static func text(_ body: String, type: String? = nil, status: Int = 200) -> Response {
            Response(status: status, headers: type.map { [("content-type", $0)] } ?? [], body: Array(body.utf8))
        }

        static func redirect(to location: String, status: Int = 302) -> Response {
            Response(status: status, headers: [("location", location)])
        }
    }

    /// What the server says to a request.
    struct Answer: Sendable {
        fileprivate let response: @Sendable (Request) -> Response

        static func always(_ response: Response) -> Answer { Answer { _ in response } }

        static func by(_ response: @escaping @Sendable (Request) -> Response) -> Answer { Answer(response: response) }
    }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    let port: Int
    private let answer: Answer
    private let log = Mutex<[Request]>([])

    /// What was asked so far.
    var requests: [Request] { log.withLock { $0 } }

    private init(port: Int, answer: Answer) {
        self.port = port
        self.answer = answer
    }

    func url(_ path: String, host: String = "127.0.0.1") -> String { "http://\(host):\(port)\(path)" }

    static func with<Result: Sendable>(
        tls: NIOSSLContext? = nil,
        answer: Answer,
        _ body: (StubServer) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let server = StubServer(port: listener.channel.localAddress?.port ?? 0, answer: answer)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await listener.executeThenClose { inbound in
                        for try await connection in inbound {
                            connections.addTask { await server.serve(connection) }
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
            // Not by cancellation: a connection that was accepted must not be left without anybody to serve it.
            try await listener.channel.close()
            try await group.waitForAll()
            return try result.get()
        }
    }

    /// A client that goes away in the middle is no failure of the server.
    private func serve(_ connection: Connection) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                var head: HTTPRequestHead?
                var body = ByteBuffer()
                for try await part in inbound {
                    switch part {
                    case .head(let next): head = next
                    case .body(var bytes): body.writeBuffer(&bytes)
                    case .end:
                        guard let head else { continue }
                        let request = Request(
                            method: head.method,
                            uri: head.uri,
                            headers: head.headers,
                            body: String(buffer: body)
                        )
                        body.clear()
                        log.withLock { $0.append(request) }
                        try await write(answer.response(request), to: outbound)
                    }
                }
            }
        } catch {}
    }

    private func write(
        _ response: Response,
        to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        if response.neverComes { return }
        await response.gate?.pass()
        var headers = HTTPHeaders(response.headers)
        if response.isEndless {
            headers.add(name: "transfer-encoding", value: "chunked")
        } else if !headers.contains(name: "transfer-encoding"), !headers.contains(name: "content-length") {
            headers.add(name: "content-length", value: "\(response.announcedLength ?? response.body.count)")
        }
        let status = HTTPResponseStatus(statusCode: response.status)
        try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
        // Endless is written in large parts: the many small ones that a socket holds would keep the thread busy.
        let repetitions = response.isEndless ? (1 << 16) / max(response.body.count, 1) : 1
        let body = ByteBuffer(bytes: Array(repeatElement(response.body, count: repetitions).joined()))
        repeat { try await outbound.write(.body(.byteBuffer(body))) } while response.isEndless
        if response.announcedLength != nil { throw CancellationError() }
        try await outbound.write(.end(nil))
    }
}
