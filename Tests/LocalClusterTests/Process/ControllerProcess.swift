import KargoCore
import KargoTestSupport
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// `kargo-controller run` as a process of its own, beside a local cluster.
struct ControllerProcess: Sendable {
    let running: LocalInstallation.Running

    /// Runs a controller until the body ends it.
    ///
    /// - Parameters:
    ///   - cluster: The cluster that it works on.
    ///   - directory: Where its files are.
    ///   - environment: What it is told besides.
    ///   - body: Gets the controller when it is ready.
    /// - Returns: Whether it ended well.
    /// - Throws: What the body throws; the controller did not become ready.
    static func run(
        on cluster: ClusterProcess,
        _ directory: ScopedDirectory,
        _ environment: [Environment.Key: String?] = [:],
        _ body: (ControllerProcess) async throws -> Void
    ) async throws -> Bool {
        let program = try #require(NodeFixture.controller)
        let own: [Environment.Key: String?] = [
            "KUBECONFIG": cluster.installation.controllerKubeconfig, "KARGO_WORK_DIR": directory.file("work"),
            "KARGO_AGENT_KEY_FILE": directory.file("agent.key"), "METRICS_BIND_ADDRESS": "127.0.0.1:0",
        ]
        let outcome = try await Subprocess.run(
            // By way of env(1), which finds a program by its path as well.
            .name("env"),
            arguments: [program, "run"],
            environment: .inherit.updating(own.merging(environment) { _, new in new }),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            let line = try #require(try await lines.next())
            let running = try JSONValueDecoder()
                .decode(LocalInstallation.Running.self, from: JSONValue(parsing: line))
            do {
                try await body(ControllerProcess(running: running))
            } catch {
                ProcessSignal.kill(running.pid)
                throw error
            }
        }
        return outcome.terminationStatus.isSuccess
    }
}
