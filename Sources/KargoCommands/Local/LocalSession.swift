import KargoCore
import Synchronization

/// The processes of a local cluster that this command has started.
final class LocalSession: Sendable {
    private struct State {
        var servers: [LocalServer] = []
        var isStopped = false
    }

    private let installation: LocalInstallation
    private let executable: String
    private let life: LocalServer.Life
    private let environment: [String: String]
    private let runtime: String?
    private let state = Mutex(State())

    init(
        _ installation: LocalInstallation,
        executable: String,
        life: LocalServer.Life,
        environment: [String: String],
        runtime: String? = nil
    ) {
        self.installation = installation
        self.executable = executable
        self.life = life
        self.environment = environment
        self.runtime = runtime
    }

    /// What was started, in that order.
    var servers: [LocalServer] { state.withLock(\.servers) }

    /// Starts what is missing, one after the other, and waits until it is ready.
    ///
    /// - Returns: What runs then.
    /// - Throws: ``CommandError``.
    func start() async throws -> LocalStatus {
        var parts: [LocalInstallation.Part: LocalInstallation.Running] = [:]
        for part in [LocalInstallation.Part.cluster, .controller] {
            if let running = try installation.running(part) {
                parts[part] = running
            } else {
                parts[part] = try await launch(part).ready()
            }
        }
        return LocalStatus(of: installation, parts)
    }

    private func launch(_ part: LocalInstallation.Part) throws -> LocalServer {
        try state.withLock { state in
            guard !state.isStopped else { throw CancellationError() }
            let server = try LocalServer(
                part,
                of: installation,
                executable: executable,
                life: life,
                environment: environment,
                runtime: runtime
            )
            state.servers.append(server)
            return server
        }
    }

    /// Waits until one of the processes ends, which none does unasked.
    ///
    /// - Throws: ``CommandError`` that says which.
    func waitForFailure() async throws {
        let servers = servers
        try await withThrowingTaskGroup(of: Void.self) { group in
            for server in servers {
                group.addTask {
                    try await server.process.waitUntilEnded()
                    throw server.failure("has ended")
                }
            }
            try await group.next()
        }
    }

    /// Stops the processes, the last one first, and starts none any more.
    func stop() async throws {
        let servers = state.withLock { state in
            state.isStopped = true
            return state.servers
        }
        for server in servers.reversed() { try await server.process.stop() }
    }
}
