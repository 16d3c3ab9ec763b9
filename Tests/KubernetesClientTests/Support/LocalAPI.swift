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
            let (ready, signal) = AsyncStream.makeStream(of: LocalCluster.Access.self)
            let (end, ending) = AsyncStream.makeStream(of: Never.self)
            return try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { signal.finish() }
                    try await cluster.run(until: { for await _ in end {} }, onReady: { signal.yield($0) })
                }
                var iterator = ready.makeAsyncIterator()
                guard let access = await iterator.next() else {
                    try await group.waitForAll()
                    throw CancellationError()
                }
                let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": access.kubeconfig])
                let outcome: Swift.Result<Result, any Error>
                do {
                    outcome = .success(try await ClusterConnection.with(configuration, body))
                } catch {
                    outcome = .failure(error)
                }
                // The cluster has to let go of its directory.
                ending.finish()
                try await group.waitForAll()
                return try outcome.get()
            }
        }
    }
}
