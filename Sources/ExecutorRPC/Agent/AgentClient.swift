public import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1
import NIOSSL

/// The controller's end of ``AgentProtocol``.
public protocol AgentConnection: Sendable {
    /// Starts an execution, unless one of that identifier was started before.
    ///
    /// - Throws: ``AgentFailure``.
    func start(_ start: ExecutionStart) async throws -> ExecutionReport

    /// Waits for the end of an execution, but not longer than a limit.
    ///
    /// - Returns: How it stands; nil if the agent knows none of that identifier.
    /// - Throws: ``AgentFailure``.
    func wait(for id: String, limit: Duration) async throws -> ExecutionReport?

    /// Answers what an execution needs; what it does not need any more it forgets.
    ///
    /// - Returns: How it stands; nil if the agent knows none of that identifier.
    /// - Throws: ``AgentFailure``.
    func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport?

    /// Cancels an execution.
    ///
    /// - Throws: ``AgentFailure``.
    func cancel(_ id: String) async throws

    /// All executions that the agent knows.
    ///
    /// - Throws: ``AgentFailure``.
    func list() async throws -> ExecutionList
}

/// Why an agent did not answer as it should.
public enum AgentFailure: Error, Hashable, CustomStringConvertible {
    /// There was no answer.
    case unreachable(String)
    /// Whoever answered is not the agent: the certificate is another one than that of the pin.
    case untrusted
    /// The agent does not take the token.
    case unauthorized
    /// The agent refused, or answered nonsense.
    case refused(String)

    /// The sentence for people.
    public var description: String {
        switch self {
        case .unreachable(let reason): "the agent can't be reached: \(reason)"
        case .untrusted: "the agent shows another certificate than the one that its Pod published"
        case .unauthorized: "the agent does not accept the controller's token"
        case .refused(let reason): "the agent refused: \(reason)"
        }
    }
}

/// An agent over HTTP and TLS 1.3.
///
/// Nothing is sent before the agent has proved that it has the key of the certificate that its Pod published.
public struct AgentClient: AgentConnection {
    private let base: String
    private let pin: AgentPin
    private let token: String
    private let client: HTTPClient
    private let limit: Duration

    /// Makes a client of one agent.
    ///
    /// - Parameters:
    ///   - host: The agent's address, a number.
    ///   - port: The agent's port.
    ///   - pin: The certificate that it must show.
    ///   - token: The bearer token.
    ///   - client: What sends requests; it knows no proxy and follows no redirects.
    ///   - limit: How long an answer may take, to its last byte.
    public init(
        host: String,
        port: Int = AgentProtocol.port,
        pin: AgentPin,
        token: String,
        client: HTTPClient,
        limit: Duration = .seconds(60)
    ) {
        base = "https://\(host.contains(":") ? "[\(host)]" : host):\(port)\(AgentProtocol.executionsPath)"
        self.pin = pin
        self.token = token
        self.client = client
        self.limit = limit
    }

    /// Makes what calls agents; whoever makes it shuts it down.
    ///
    /// - Parameters:
    ///   - connectTimeout: How long it may take until TCP and TLS are there.
    ///   - proxy: What leads to agents; nil for none.
    /// - Returns: The client.
    public static func makeHTTPClient(
        connectTimeout: Duration = .seconds(5),
        proxy: HTTPClient.Configuration.Proxy? = nil
    ) -> HTTPClient {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: TimeAmount(connectTimeout))
        configuration.httpVersion = .http1Only
        configuration.proxy = proxy
        // When to try again is for the controller to decide.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Starts an execution; one that is known under its id already goes on.
    public func start(_ start: ExecutionStart) async throws -> ExecutionReport {
        let body = try JSONValueEncoder().encode(start).serialized()
        guard let report: ExecutionReport = try await send(.POST, "", body: body) else {
            throw AgentFailure.refused("it serves no executions")
        }
        return report
    }

    /// Waits for the result of an execution, or for what it needs to know.
    public func wait(for id: String, limit: Duration) async throws -> ExecutionReport? {
        try await send(.GET, "/\(id)?wait=\(limit.components.seconds)")
    }

    /// Answers what an execution needs.
    public func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport? {
        try await send(.POST, "/\(id)/\(AgentProtocol.answers)", body: JSONValueEncoder().encode(answers).serialized())
    }

    /// Stops an execution and forgets it.
    public func cancel(_ id: String) async throws {
        let _: ExecutionReport? = try await send(.DELETE, "/\(id)")
    }

    /// The executions that the agent knows.
    public func list() async throws -> ExecutionList {
        guard let list: ExecutionList = try await send(.GET, "") else {
            throw AgentFailure.refused("it serves no executions")
        }
        return list
    }

    private func send<Answer: Decodable>(
        _ method: HTTPMethod,
        _ path: String,
        body: [UInt8]? = nil
    ) async throws -> Answer? {
        var request = HTTPClientRequest(url: base + path)
        request.method = method
        request.tlsConfiguration = pin.tlsConfiguration
        request.headers.add(name: "authorization", value: "Bearer \(token)")
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(body)
        }
        let answer: (status: Int, bytes: [UInt8])?
        do {
            answer = try await ContinuousClock()
                .within(limit) { [client, request] in
                    let response = try await client.execute(request, deadline: .distantFuture)
                    let body = try await response.body.collect(upTo: 16 * 1024 * 1024)
                    return (Int(response.status.code), Array(buffer: body))
                }
        } catch {
            try Task.checkCancellation()
            if Self.isForeignCertificate(error) { throw AgentFailure.untrusted }
            throw AgentFailure.unreachable(error.isRefusal ? "connection refused" : "\(error)")
        }
        guard let (status, bytes) = answer else {
            throw AgentFailure.unreachable("it took more than \(GoDuration(limit)) to answer")
        }
        switch status {
        case 200: break
        case 401: throw AgentFailure.unauthorized
        case 404: return nil
        default:
            let reason = (try? JSONValue(parsing: bytes))?["error"]?.stringValue
            throw AgentFailure.refused(reason ?? "it answered \(status)")
        }
        do {
            return try JSONValueDecoder().decode(Answer.self, from: JSONValue(parsing: bytes))
        } catch {
            throw AgentFailure.refused("its answer can't be read: \(error)")
        }
    }

    private static func isForeignCertificate(_ error: any Error) -> Bool {
        guard case .handshakeFailed(.sslError(let stack))? = error as? NIOSSLError else { return false }
        return stack.contains { "\($0)".contains("CERTIFICATE_VERIFY_FAILED") }
    }
}
