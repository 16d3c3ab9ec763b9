import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// An API server on the loopback address whose answers a test has written down, with all that can go wrong on a wire.
final class ScriptedServer: Sendable {
    struct Request: Sendable {
        let method: String
        let uri: String
        /// The headers by their names in lower case.
        let headers: [String: [String]]
        let body: String
    }

    /// What the server does with a request.
    enum Answer: Sendable {
        /// It answers.
        case whole(Int, String, [(String, String)] = [])
        /// It sends pieces of an answer without an end, ends the answer or the connection, or says no more.
        case pieces([String], then: Ending)
        /// It closes the connection without a word.
        case hangUp

        static func status(_ status: Int, _ headers: [(String, String)] = []) -> Answer {
            .whole(status, #"{"kind":"Status","message":"status \#(status)"}"#, headers)
        }
        static func object(_ text: String = "{}") -> Answer { .whole(200, text) }
    }

    enum Ending: Sendable { case end, cut, silence }

    private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private struct State {
        var requests: [Request] = []
        var connections = 0
    }

    let port: Int
    private let answer: @Sendable (Request, Int) -> Answer
    private let state = Mutex(State())

    /// What was asked so far.
    var requests: [Request] { state.withLock(\.requests) }
    /// How many connections there have been.
    var connectionCount: Int { state.withLock(\.connections) }
    /// Where it is.
    var url: String { "http://127.0.0.1:\(port)" }

    private init(port: Int, answer: @escaping @Sendable (Request, Int) -> Answer) {
        self.port = port
        self.answer = answer
    }

    /// Runs a server that answers one request after the other by the script; the last answer is for all further ones.
    static func with<Result: Sendable>(
        _ script: Answer...,
        body: (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        try await with({ _, number in script[min(number, script.count - 1)] }, body: body)
    }

    /// Runs a server that answers by the request and its number.
    static func with<Result: Sendable>(
        tls: NIOSSLContext? = nil,
        _ answer: @escaping @Sendable (Request, Int) -> Answer,
        body: (ScriptedServer) async throws -> Result
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
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0, answer: answer)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await withThrowingDiscardingTaskGroup { connections in
                    try await listener.executeThenClose { inbound in
                        for try await connection in inbound {
                            server.state.withLock { $0.connections += 1 }
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
                            method: head.method.rawValue,
                            uri: head.uri,
                            headers: Dictionary(grouping: head.headers, by: { $0.name.lowercased() })
                                .mapValues { $0.map(\.value) },
                            body: String(buffer: body)
                        )
                        body.clear()
                        let number = state.withLock { state in
                            state.requests.append(request)
                            return state.requests.count - 1
                        }
                        try await write(answer(request, number), to: outbound)
                    }
                }
            }
        } catch {}
    }

    private func write(
        _ answer: Answer,
        to outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>
    ) async throws {
        switch answer {
        case .hangUp: throw CancellationError()
        case .whole(let status, let text, let headers):
            var headers = HTTPHeaders(headers)
            headers.add(name: "content-length", value: "\(text.utf8.count)")
            let status = HTTPResponseStatus(statusCode: status)
            try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
            try await outbound.write(.body(.byteBuffer(ByteBuffer(string: text))))
            try await outbound.write(.end(nil))
        case .pieces(let pieces, let ending):
            let headers: HTTPHeaders = ["transfer-encoding": "chunked"]
            try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)))
            for piece in pieces { try await outbound.write(.body(.byteBuffer(ByteBuffer(string: piece)))) }
            switch ending {
            case .end: try await outbound.write(.end(nil))
            case .cut: throw CancellationError()
            case .silence: break
            }
        }
    }
}
