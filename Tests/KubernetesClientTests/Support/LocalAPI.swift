import KargoTestSupport
import KubernetesClient
import LocalCluster
import Logging

/// A cluster without a node, over HTTPS, for the time of a test.
enum LocalAPI {
    static func with<Result: Sendable>(
        _ body: @escaping @Sendable (ClusterConnection) async throws -> Result
    ) async throws -> Result {
        try await ScopedDirectory.with { directory in
            let cluster = LocalCluster(
                LocalCluster.Configuration(dataDirectory: directory.file("data"), node: .none),
                logger: Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
            )
            return try await cluster.run { access in
                let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": access.kubeconfig])
                return try await ClusterConnection.with(configuration, body)
            }
        }
    }
}
