import AgentPod
import KargoControllers
import KargoCore
import KubernetesClient
import Logging
import StepPluginRegistry

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What those who run a controller ask it, and who works where there are several.
extension RunCommand {
    /// How long the end may take where another replica is going to work: less than the lease goes on.
    static let lostGracePeriod = Duration.seconds(4)

    /// Where the controllers are, and who is told how they are.
    struct Home {
        let configuration: ClusterConfiguration
        let operations: ControllerOperations
        /// Where that is served; nil for nowhere.
        let address: String?
    }

    /// Serves what operators ask for as long as the body runs, which gets the server's address.
    static func withServer(
        of operations: ControllerOperations,
        at address: BindAddress?,
        logger: Logger,
        _ body: @escaping @Sendable (String?) async throws -> Void
    ) async throws {
        guard let address else { return try await body(nil) }
        let server = OperationsServer(operations, address: address, logger: logger)
        let (ready, signal) = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { signal.finish() }
                try await server.run { port in signal.yield(address.url(port: port)) }
            }
            defer { group.cancelAll() }
            var urls = ready.makeAsyncIterator()
            if let url = await urls.next() {
                logger.info("health and metrics are served", metadata: ["address": "\(url)"])
                group.addTask { try await body(url) }
            }
            try await group.next()
        }
    }

    /// Adds what is known of agents and plugins.
    static func tell(
        _ operations: ControllerOperations,
        of observer: PodObserver,
        _ plugins: ConfigMapPluginSource?
    ) {
        operations.require("agent Pods") { observer.isSynced }
        operations.add(
            ObjectCountMetrics(
                "kargo_agent_pods",
                "Agent Pods, by phase.",
                label: "phase",
                sorts: ["Pending", "Running", "Succeeded", "Failed", "Unknown"]
            ) { observer.phases }
        )
        guard let plugins else { return }
        operations.require("plugins") { plugins.isSynced }
        operations.add(
            ObjectCountMetrics(
                "kargo_step_plugins",
                "ConfigMaps of plugins, by whether they can be used.",
                label: "state",
                sorts: ["usable", "unusable"]
            ) {
                let counts = plugins.counts
                return ["usable": counts.usable, "unusable": counts.unusable]
            }
        )
    }

    /// Runs the controllers, where there are replicas as long as this is the one that works.
    static func work(
        _ controller: KargoController,
        _ election: ControllerSettings.Election?,
        _ home: Home,
        logger: Logger
    ) async throws {
        let running = LocalInstallation.Running(
            pid: ProcessInfo.processInfo.processIdentifier,
            address: home.address
        )
        guard let election else { return try await controller.run { try ProcessLife.announce(running) } }
        // A connection of its own: renewals must not wait in the line of the controllers' requests.
        try await ClusterConnection.with(home.configuration) { api in
            try await controller.run(
                electedBy: election.election(api: api, logger: logger),
                onLost: { ProcessLife.end(within: lostGracePeriod) },
                onReady: { try ProcessLife.announce(running) }
            )
        }
    }
}
