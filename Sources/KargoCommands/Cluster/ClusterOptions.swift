import ArgumentParser
import KargoCore
package import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which cluster a command talks to.
package struct ClusterOptions: ParsableArguments {
    @Option(
        help: "The kubeconfig file; default is what KUBECONFIG names, then ~/.kube/config.",
        completion: .file()
    )
    var kubeconfig: String?

    @Option(help: "The context of the kubeconfig; default is its current one.")
    var context: String?

    package init() {}

    /// Opens a connection, hands it to the body and closes it.
    package func with<Result>(
        _ body: (_ api: any KubernetesAPI, _ namespace: String) async throws -> Result
    ) async throws -> Result {
        var environment = ProcessInfo.processInfo.environment
        if let kubeconfig {
            guard FileManager.default.fileExists(atPath: kubeconfig) else {
                throw CommandError("--kubeconfig \(kubeconfig): no such file")
            }
            environment["KUBECONFIG"] = kubeconfig
        }
        let configuration = try ClusterConfiguration.discover(environment: environment, context: context)
        do {
            return try await ClusterConnection.with(configuration, reaching: .once) {
                try await body($0, configuration.namespace)
            }
        } catch let error as KubernetesError where error.code == .unreachable && configuration.isLocal {
            throw CommandError("\(error); a local cluster is started with \"kargo local up\"")
        }
    }
}

extension ClusterConfiguration {
    /// Whether the cluster is on this machine.
    fileprivate var isLocal: Bool { ["//127.0.0.1", "//localhost", "//[::1]"].contains { server.contains($0) } }
}

/// Which cluster and which Project a command is about.
struct ProjectOptions: ParsableArguments {
    @OptionGroup var cluster: ClusterOptions

    @Option(
        name: [.customShort("p"), .customLong("project"), .customShort("n"), .customLong("namespace")],
        help: "The Project; default is the namespace of the context."
    )
    var project: String?

    /// Opens a connection, hands it and the Project to the body and closes it.
    func with<Result>(
        _ body: (_ api: any KubernetesAPI, _ project: String) async throws -> Result
    ) async throws -> Result {
        try await cluster.with { try await body($0, project ?? $1) }
    }
}
