import HTTPTypes
import Hummingbird
import HummingbirdCore
public import KargoCore
public import Logging
import NIOCore

/// The agent's end of ``AgentProtocol``.
///
/// It speaks TLS 1.3 only. Every request must carry the bearer token, of which the agent knows only the SHA-256; it is
/// checked before anything else is read.
public struct AgentServer: Sendable {
    private let executions: ExecutionService
    private let identity: Certificate.Pair
    private let tokenDigest: [UInt8]
    private let host: String
    private let port: Int
    private let logger: Logger
    private let proofTimeout: Duration
    private let noteRequest: @Sendable () -> Void

    /// Makes a server.
    ///
    /// - Parameters:
    ///   - executions: What runs executions.
    ///   - identity: The agent's certificate and its key.
    ///   - tokenDigest: The SHA-256 of the token.
    ///   - host: The address to listen on.
    ///   - port: The port; zero for any that is free.
    ///   - logger: Where it tells what happens.
    ///   - proofTimeout: How long a connection may take until a request with the right token has come.
    ///   - noteRequest: Called for each request with the right token.
    public init(
        executions: ExecutionService,
        identity: Certificate.Pair,
        tokenDigest: [UInt8],
        host: String,
        port: Int = AgentProtocol.port,
        logger: Logger,
        proofTimeout: Duration = .seconds(5),
        noteRequest: @escaping @Sendable () -> Void = {}
    ) {
        self.executions = executions
        self.identity = identity
        self.proofTimeout = proofTimeout
        self.tokenDigest = tokenDigest
        self.host = host
        self.port = port
        self.logger = logger
        self.noteRequest = noteRequest
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onReady: Called with the port when the server listens.
    /// - Throws: The address cannot be listened on, or the identity is none.
    public func run(onReady: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        let gate = StrangerGate(timeout: proofTimeout)
        let context = try AgentChannel.makeContext(identity)
        // It takes every connection that ends for an error.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in await respond(to: request) },
            server: HTTPServerBuilder {
                AgentChannel(context: context, gate: gate, isAuthorized: isAuthorized, responder: $0)
            },
            configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
            onServerRunning: { channel in await onReady(channel.localAddress?.port ?? port) },
            logger: quiet
        )
        try await application.run()
    }

    private func respond(to request: Request) async -> Response {
        guard isAuthorized(request) else { return Self.failure(.unauthorized, "the bearer token is missing or wrong") }
        noteRequest()
        let path = request.uri.path
        let prefix = AgentProtocol.executionsPath + "/"
        do {
            switch (request.method, path) {
            case (.get, AgentProtocol.executionsPath): return try Self.answer(executions.list)
            case (.post, AgentProtocol.executionsPath): return try await start(request)
            case (.post, _) where path.hasPrefix(prefix) && path.hasSuffix("/\(AgentProtocol.answers)"):
                let id = path.dropFirst(prefix.count).dropLast(AgentProtocol.answers.count + 1)
                return try await answer(String(id), request)
            case (.get, _) where path.hasPrefix(prefix):
                let seconds = request.uri.queryParameters["wait"].flatMap { Int64($0) } ?? 0
                return try Self.answer(
                    await executions.wait(for: String(path.dropFirst(prefix.count)), limit: .seconds(seconds))
                )
            case (.delete, _) where path.hasPrefix(prefix):
                return try Self.answer(await executions.cancel(String(path.dropFirst(prefix.count))))
            default: return Self.failure(.notFound, "there is nothing at this path")
            }
        } catch {
            return Self.failure(.internalServerError, "\(error)")
        }
    }

    private func isAuthorized(_ request: Request) -> Bool {
        guard let header = request.headers[.authorization], header.hasPrefix("Bearer ") else { return false }
        return Digest.isEqual(Digest.sha256(header.dropFirst("Bearer ".count).utf8), tokenDigest)
    }

    private func start(_ request: Request) async throws -> Response {
        guard let body = await Self.body(of: request) else { return Self.tooLarge }
        let start: ExecutionStart
        do {
            start = try JSONValueDecoder().decode(ExecutionStart.self, from: JSONValue(parsing: Array(buffer: body)))
        } catch {
            return Self.failure(.badRequest, "the body is no execution: \(error)")
        }
        do {
            return try Self.answer(executions.start(start))
        } catch let busy as ExecutionService.Busy {
            return Self.failure(.conflict, "execution \(busy.running) is going on")
        }
    }

    private func answer(_ id: String, _ request: Request) async throws -> Response {
        guard let body = await Self.body(of: request) else { return Self.tooLarge }
        let answers: ExecutionAnswers
        do {
            answers = try JSONValueDecoder()
                .decode(ExecutionAnswers.self, from: JSONValue(parsing: Array(buffer: body)))
        } catch {
            // The reason might quote a secret.
            return Self.failure(.badRequest, "the body is no list of answers")
        }
        return try Self.answer(executions.answer(id, answers.answers))
    }

    private static func body(of request: Request) async -> ByteBuffer? {
        try? await request.body.collect(upTo: AgentProtocol.largestRequest)
    }

    private static var tooLarge: Response {
        failure(.contentTooLarge, "the body is larger than \(AgentProtocol.largestRequest) bytes")
    }

    private static func answer(_ value: (some Encodable)?) throws -> Response {
        guard let value else { return failure(.notFound, "there is no such execution") }
        return response(.ok, try JSONValueEncoder().encode(value))
    }

    private static func failure(_ status: HTTPResponse.Status, _ message: String) -> Response {
        response(status, ["error": .string(message)])
    }

    private static func response(_ status: HTTPResponse.Status, _ value: JSONValue) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: value.serialized()))
        )
    }
}
