import KargoCore
import KargoTestSupport
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
    static func with<Result: Sendable>(
        _ directory: ScopedDirectory,
        _ body: (ClusterProcess) async throws -> Result
    ) async throws -> Result {
        let installation = LocalInstallation(dataDirectory: directory.file("data"))
        let outcome = try await Subprocess.run(
            // By way of env(1), which finds a program by its path as well.
            .name("env"),
            arguments: [#require(NodeFixture.controller), "local-cluster", "--data-dir", installation.dataDirectory],
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            var lines = execution.standardOutput.strings().makeAsyncIterator()
            let line = try #require(try await lines.next())
            let running = try JSONValueDecoder()
                .decode(LocalInstallation.Running.self, from: JSONValue(parsing: line))
            defer { ProcessSignal.terminate(running.pid) }
            return try await body(ClusterProcess(running: running, installation: installation))
        }
        return outcome.closureResult
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
