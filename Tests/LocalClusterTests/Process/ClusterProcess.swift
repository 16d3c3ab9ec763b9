import KargoCore
import KargoTestSupport
import KubernetesClient
import Subprocess
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A local cluster as a process of its own, as users run it.
struct ClusterProcess: Sendable {
    let running: LocalInstallation.Running
    let installation: LocalInstallation
    /// From the start to the line that says that it is ready.
    let startUp: Duration

    /// Whether there is a kubectl on the PATH.
    static var hasKubectl: Bool {
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
            .contains { FileManager.default.isExecutableFile(atPath: "\($0)/kubectl") }
    }

    struct Output {
        let succeeded: Bool
        let text: String
        let problem: String
    }

    /// Runs a cluster, on a directory that may have been used before, as long as the body lasts.
    ///
    /// - Parameters:
    ///   - directory: Where its data directory is.
    ///   - launcher: A program that becomes the cluster, with the arguments before those of the cluster.
    ///   - root: Where the cluster's files are seen by this process.
    ///   - options: More arguments of the cluster.
    ///   - body: Uses the cluster.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; the cluster did not become ready.
    static func with<Result: Sendable>(
        _ directory: ScopedDirectory,
        launcher: [String] = [],
        root: @escaping @Sendable (Int32) -> String = { _ in "" },
        options: [String] = [],
        _ body: (ClusterProcess) async throws -> Result
    ) async throws -> Result {
        let start = ContinuousClock.now
        let outcome = try await Subprocess.run(
            // By way of env(1), which finds a program by its path as well.
            .name("env"),
            arguments: arguments(directory, launcher, options),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            let line = try #require(try await lines.next())
            let running = try JSONValueDecoder()
                .decode(LocalInstallation.Running.self, from: JSONValue(parsing: line))
            defer { ProcessSignal.terminate(running.pid) }
            let installation = LocalInstallation(dataDirectory: root(running.pid) + directory.file("data"))
            let startUp = ContinuousClock.now - start
            return try await body(ClusterProcess(running: running, installation: installation, startUp: startUp))
        }
        return outcome.closureResult
    }

    /// Runs a cluster that does not get far, and tells how it ended.
    static func ending(_ directory: ScopedDirectory, launcher: [String] = []) async throws -> Output {
        let outcome = try await Subprocess.run(
            .name("env"),
            arguments: arguments(directory, launcher),
            input: .none,
            output: .string(limit: 1 << 16),
            error: .string(limit: 1 << 16)
        )
        return Output(
            succeeded: outcome.terminationStatus.isSuccess,
            text: outcome.standardOutput,
            problem: outcome.standardError
        )
    }

    private static func arguments(
        _ directory: ScopedDirectory,
        _ launcher: [String],
        _ options: [String] = []
    ) throws -> Arguments {
        let program = try #require(NodeFixture.controller)
        return Arguments(launcher + [program, "local-cluster", "--data-dir", directory.file("data")] + options)
    }

    /// Opens a connection to the cluster and hands it to the body.
    func connected<Result>(_ body: (ClusterConnection) async throws -> Result) async throws -> Result {
        let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": installation.kubeconfig])
        return try await ClusterConnection.with(configuration, reaching: .once, body)
    }

    /// Runs kubectl against the cluster.
    func kubectl(_ arguments: String..., input: String = "") async throws -> Output {
        let outcome = try await Subprocess.run(
            .name("kubectl"),
            arguments: Arguments(arguments),
            environment: .inherit.updating(["KUBECONFIG": installation.kubeconfig]),
            input: .string(input),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return Output(
            succeeded: outcome.terminationStatus.isSuccess,
            text: outcome.standardOutput,
            problem: outcome.standardError
        )
    }
}
