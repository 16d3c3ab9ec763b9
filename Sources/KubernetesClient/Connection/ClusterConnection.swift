import AsyncHTTPClient
import KargoCore
import NIOCore
import NIOHTTP1
import NIOSSL

#if os(Linux)
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif
#endif

/// A connection to an API server over HTTP.
///
/// ## Guarantees
/// Connections are kept and used again. Credentials from files and plugins are renewed, at the latest when the server
/// refuses them. A request that the server had no time for (429), or after whose failure (5xx) it names a time, is sent
/// again then; one that only reads also after 500, 502, 503 and 504 and when the connection is lost.
public struct ClusterConnection: KubernetesAPI {
    /// The largest answer that is taken whole.
    private static let largestAnswer = 256 * 1024 * 1024

    /// How long a server that can't be reached is asked again.
    private static let patience = Duration.seconds(10)

    /// What becomes of a request when no server answers at the address.
    public enum Reaching: Sendable {
        /// It is tried for ten seconds, in which a server that is started again is back.
        case patiently
        /// It fails at once.
        case once
    }

    /// How long is waited, and how fast requests are sent.
    public struct Settings: Sendable {
        /// How long the server may be silent before and during an answer that ends.
        public var answerTimeout = Duration.seconds(60)
        /// How long a watch may be silent; servers send a bookmark every minute.
        public var watchSilence = Duration.seconds(150)
        /// How fast requests are sent; nil for as fast as they come.
        public var rate: RequestRate?
        /// The pauses before a request is sent again, where the server names none.
        public var backoff = Backoff(first: .milliseconds(100), longest: .seconds(5))
        /// What pauses are measured with.
        public var clock: any Clock<Duration> = .continuous

        /// Makes the usual settings.
        public init(rate: RequestRate? = nil) { self.rate = rate }
    }

    /// The clients, which differ in how long they wait for the next byte.
    private struct Clients {
        /// For answers that end.
        let answers: HTTPClient
        /// For watches.
        let watches: HTTPClient
        /// For what may be silent for ever, such as the log of a container.
        let streams: HTTPClient
    }

    /// What has been sent.
    public let statistics: RequestStatistics

    private let clients: Clients
    let configuration: ClusterConfiguration
    let address: ServerAddress
    private let reaching: Reaching
    private let settings: Settings
    let authenticator: ClusterAuthenticator
    private let limiter: RequestLimiter?
    private let recovery = ServerRecovery()

    /// Opens a connection, hands it to the body and closes it.
    ///
    /// - Parameters:
    ///   - configuration: Where the server is and how to be let in.
    ///   - reaching: What becomes of requests when no server answers.
    ///   - settings: How long is waited, and how fast requests are sent.
    ///   - body: Uses the connection.
    /// - Returns: What the body returns.
    /// - Throws: ``KubernetesError`` with code `configuration` for an address, a certificate or a key that can't be
    ///   read, and what the body throws.
    public static func with<Result>(
        _ configuration: ClusterConfiguration,
        reaching: Reaching = .patiently,
        settings: Settings = Settings(),
        _ body: (ClusterConnection) async throws -> Result
    ) async throws -> Result {
        let address: ServerAddress
        do throws(ServerAddress.Malformed) {
            address = try ServerAddress(configuration.server)
        } catch {
            throw KubernetesError(.configuration, "the address of the cluster, \(error)")
        }
        let base = try clientConfiguration(configuration, address: address)
        let make = { (silence: Duration?) in
            var configuration = base
            configuration.timeout.read = silence.map(TimeAmount.init)
            return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }
        let clients = Clients(
            answers: make(settings.answerTimeout),
            watches: make(settings.watchSilence),
            streams: make(nil)
        )
        let connection = ClusterConnection(
            statistics: RequestStatistics(host: address.authority),
            clients: clients,
            configuration: configuration,
            address: address,
            reaching: reaching,
            settings: settings,
            authenticator: ClusterAuthenticator(configuration, clock: settings.clock),
            limiter: settings.rate.map { RequestLimiter($0, clock: settings.clock) }
        )
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await body(connection))
        } catch {
            outcome = .failure(error)
        }
        for client in [clients.answers, clients.watches, clients.streams] { try await client.shutdown() }
        return try outcome.get()
    }

    private static func clientConfiguration(
        _ configuration: ClusterConfiguration,
        address: ServerAddress
    ) throws(KubernetesError) -> HTTPClient.Configuration {
        var result = HTTPClient.Configuration(
            tlsConfiguration: try configuration.tlsConfiguration(),
            redirectConfiguration: .disallow
        )
        result.timeout = .init(connect: .seconds(10))
        // The pool's own pauses grow to a minute, and with every request that waits.
        result.connectionPool.retryConnectionEstablishment = false
        result.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        result.proxy = configuration.proxy?.forClient
        // The client calls the server by the name that its certificate is for, and finds it where it is.
        if let name = configuration.tlsServerName { result.dnsOverride = [name: address.host] }
        // One connection per watch and no more round trips than needed: HTTP/1.1 does as well as HTTP/2 here.
        result.httpVersion = .http1Only
        result.http1_1ConnectionDebugInitializer = keepAlive
        return result
    }

    /// Lets the system notice that the other side of a silent connection is gone.
    private static let keepAlive: @Sendable (any Channel) -> EventLoopFuture<Void> = { channel in
        let isOn = channel.setOption(.socketOption(.so_keepalive), value: 1)
        #if os(Linux)
        let idle = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_KEEPIDLE))
        let interval = ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_KEEPINTVL))
        return isOn.flatMap { channel.setOption(idle, value: 30) }
            .flatMap { channel.setOption(interval, value: 15) }
        #else
        return isOn
        #endif
    }

    /// Sends a request and reads the answer whole.
    public func send(_ request: APIRequest) async throws -> APIResponse {
        let policy = RetryPolicy(backoff: settings.backoff)
        let began = ContinuousClock.now
        var failures = 0
        while true {
            let pause: Duration
            do {
                let response = try await authenticated(request, answer)
                let isBack = recovery.noteAnswer()
                guard let time = policy.pause(after: response, to: request, failures: failures, isBack: isBack)
                else { return response }
                pause = time
            } catch let error as CancellationError {
                throw error
            } catch let error as KubernetesError {
                throw error
            } catch {
                try Task.checkCancellation()
                let left = reaching == .patiently ? Self.patience - began.duration(to: .now) : .zero
                guard let time = policy.pause(after: error, to: request, failures: failures, left: left)
                else { throw unreachable(error) }
                pause = time
            }
            failures += 1
            if pause > .zero { try await settings.clock.sleep(for: pause) }
        }
    }

    private func answer(_ request: HTTPClientRequest) async throws -> (Int, APIResponse) {
        let response = try await clients.answers.execute(request, timeout: TimeAmount(settings.answerTimeout))
        let body = try await response.body.collect(upTo: Self.largestAnswer)
        let answer = APIResponse(
            status: Int(response.status.code),
            body: Array(buffer: body),
            warnings: response.headers["warning"].compactMap(Self.warning),
            retryAfter: response.headers.retryAfter
        )
        return (answer.status, answer)
    }

    /// Sends a request and hands the answer on as it comes, until the reader has enough.
    public func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        let isWatch = request.query.contains { $0.name == "watch" && $0.value == "true" }
        let response: HTTPClientResponse
        do {
            response = try await authenticated(request) { request in
                let client = isWatch ? clients.watches : clients.streams
                let response = try await client.execute(request, deadline: .distantFuture)
                return (Int(response.status.code), response)
            }
        } catch {
            try Task.checkCancellation()
            throw (error as? KubernetesError) ?? unreachable(error)
        }
        guard (200..<300).contains(response.status.code) else {
            let text = try? await response.body.collect(upTo: 1024 * 1024)
            let status = text.flatMap { try? JSONValue(parsing: Array(buffer: $0)) }
            throw KubernetesError(
                httpStatus: Int(response.status.code),
                status: status,
                request: request,
                retryAfter: response.headers.retryAfter
            )
        }
        var iterator = response.body.makeAsyncIterator()
        while true {
            let piece: ByteBuffer?
            do {
                piece = try await iterator.next()
            } catch {
                try Task.checkCancellation()
                recovery.noteLoss()
                throw unreachable(error)
            }
            guard let piece, try await body(Array(buffer: piece)) else { return }
        }
    }

    /// Sends a request with what proves who is calling; once more if the server does not accept that and there is
    /// something better.
    private func authenticated<Answer>(
        _ request: APIRequest,
        _ exchange: (HTTPClientRequest) async throws -> (status: Int, Answer)
    ) async throws -> Answer {
        var isFirst = true
        while true {
            try await limiter?.wait()
            let proof = try await authenticator.proof()
            let (status, answer): (Int, Answer)
            do {
                (status, answer) = try await exchange(httpRequest(request, proof))
            } catch {
                if !Task.isCancelled {
                    statistics.count(request.method, nil)
                    recovery.noteLoss()
                    await authenticator.noteFailure()
                }
                throw error
            }
            statistics.count(request.method, status)
            guard status == 401, isFirst, await authenticator.isReplaceable(proof) else { return answer }
            isFirst = false
        }
    }

    func httpRequest(_ request: APIRequest, _ proof: ClusterAuthenticator.Proof) -> HTTPClientRequest {
        var result = HTTPClientRequest(url: address.url(host: configuration.tlsServerName) + request.target)
        result.method = HTTPMethod(rawValue: request.method.rawValue)
        result.tlsConfiguration = proof.tls
        result.headers.add(name: "host", value: address.authority)
        result.headers.add(name: "accept", value: request.accept)
        result.headers.add(name: "user-agent", value: "kargo-extended")
        if let authorization = proof.authorization { result.headers.add(name: "authorization", value: authorization) }
        for (name, value) in configuration.impersonationHeaders { result.headers.add(name: name, value: value) }
        if let body = request.body {
            result.headers.add(name: "content-type", value: request.contentType)
            result.body = .bytes(body)
        }
        return result
    }

    private func unreachable(_ error: any Error) -> KubernetesError {
        let reason =
            (error as? HTTPClientError) == .readTimeout ? "it has been silent for too long" : String(describing: error)
        return KubernetesError(.unreachable, "the cluster at \(configuration.server) can't be reached: \(reason)")
    }

    /// The text of `299 - "text"`.
    private static func warning(_ header: String) -> String? {
        guard let start = header.firstIndex(of: "\""), header.hasSuffix("\"") else { return nil }
        return String(header[header.index(after: start)...].dropLast()).replacing("\\\"", with: "\"")
    }
}

extension HTTPHeaders {
    /// How long the server asks to be left alone; in seconds, as Kubernetes says it.
    fileprivate var retryAfter: Duration? {
        first(name: "retry-after").flatMap { Int($0) }.flatMap { $0 >= 0 ? .seconds($0) : nil }
    }
}
