import AsyncHTTPClient
import ExecutorRPC
import KargoCore
import Logging
import Synchronization

/// An agent's server on a free port of the loopback address.
struct RunningAgent: Sendable {
    static let token = "the token"

    let client: HTTPClient
    let port: Int
    fileprivate let requests: Counter

    /// The controller's end, with the right token.
    var connection: AgentClient { connection(token: Self.token) }
    /// How many requests had the right token.
    var authorizedRequests: Int { requests.value }

    func connection(token: String) -> AgentClient {
        AgentClient(host: "127.0.0.1", port: port, token: token, client: client)
    }

    /// Serves while the body runs.
    static func with(
        _ service: ExecutionService,
        _ body: @escaping @Sendable (RunningAgent) async throws -> Void
    ) async throws {
        let counter = Counter()
        let server = AgentServer(
            executions: service,
            tokenDigest: Digest.sha256(token.utf8),
            host: "127.0.0.1",
            port: 0,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            noteRequest: { counter.increase() }
        )
        let client = HTTPPluginTransport.makeClient()
        let outcome: Result<Void, any Error>
        do {
            try await serve(server) {
                try await body(RunningAgent(client: client, port: $0, requests: counter))
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
