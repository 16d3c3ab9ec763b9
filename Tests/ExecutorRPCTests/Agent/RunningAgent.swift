import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An agent's server on a free port of the loopback address.
struct RunningAgent: Sendable {
    static let token = "the token"

    let client: HTTPClient
    let host: String
    let port: Int
    let pin: AgentPin
    fileprivate let requests: Counter

    /// The agent's key and certificate.
    static let identity = Result { try makeIdentity() }

    static func makeIdentity(name: String = "promotion-agent") throws -> Certificate.Pair {
        try Certificate.makeSelfSignedServer(name: name, now: Date(), days: 1)
    }

    /// What an init container says of a certificate.
    static func pin(_ pair: Certificate.Pair) throws -> AgentPin {
        let announcement = AgentAnnouncement(certificate: String(decoding: pair.certificate, as: UTF8.self))
        return try AgentPin(message: JSONValueEncoder().encode(announcement).text())
    }

    /// The controller's end, with the right token.
    var connection: AgentClient { connection(token: Self.token) }
    /// How many requests had the right token.
    var authorizedRequests: Int { requests.value }

    func connection(token: String) -> AgentClient {
        AgentClient(host: host, port: port, pin: pin, token: token, client: client)
    }

    /// Sends a request that may be any, with another authorization than a controller's.
    func send(_ request: HTTPClientRequest) async throws -> (status: Int, body: String) {
        var request = request
        request.url = "https://127.0.0.1:\(port)\(request.url)"
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(pin.certificate))
        tls.certificateVerification = .noHostnameVerification
        request.tlsConfiguration = tls
        let response = try await client.execute(request, timeout: .seconds(50))
        let body = try await response.body.collect(upTo: 1024 * 1024)
        return (Int(response.status.code), String(buffer: body))
    }

    /// Serves while the body runs.
    static func with(
        _ service: ExecutionService,
        host: String = "127.0.0.1",
        proofTimeout: Duration = .seconds(50),
        _ body: @escaping @Sendable (RunningAgent) async throws -> Void
    ) async throws {
        let counter = Counter()
        let identity = try identity.get()
        let pin = try pin(identity)
        let server = AgentServer(
            executions: service,
            identity: identity,
            tokenDigest: Digest.sha256(token.utf8),
            host: host,
            port: 0,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            proofTimeout: proofTimeout,
            noteRequest: { counter.increase() }
        )
        let client = HTTPPluginTransport.makeClient()
        let outcome: Result<Void, any Error>
        do {
            try await serve(server) {
                try await body(RunningAgent(client: client, host: host, port: $0, pin: pin, requests: counter))
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await service.cancelAll()
        try await client.shutdown()
        try outcome.get()
    }

    private static func serve(
        _ server: AgentServer,
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (ports, port) = AsyncStream.makeStream(of: Int.self)
            group.addTask {
                defer { port.finish() }
                try await server.run { port.yield($0) }
            }
            for await port in ports {
                try await body(port)
                group.cancelAll()
                return
            }
            try await group.waitForAll()
        }
    }
}

/// Counts.
final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }
    func increase() { count.withLock { $0 += 1 } }
}
