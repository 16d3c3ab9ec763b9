import KargoCore
import KargoTestSupport
import KubernetesClient
import Synchronization
import Testing

/// A cluster that is killed while many write to it.
@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(2)))
struct DurabilityIntegrationTests {
    /// Names whose creation the server has acknowledged.
    private final class Acknowledged: Sendable {
        private let names = Mutex<Set<String>>([])

        var all: Set<String> { names.withLock { $0 } }

        func add(_ name: String) -> Int {
            names.withLock { names in
                names.insert(name)
                return names.count
            }
        }
    }

    private func list(_ cluster: ClusterProcess) async throws -> Set<String> {
        let configuration = try ClusterConfiguration.discover(environment: [
            "KUBECONFIG": cluster.installation.kubeconfig
        ])
        return try await ClusterConnection.with(configuration) { api in
            let list = try await api.list(.configMaps, namespace: "default")
            return Set(list.items.compactMap { $0[path: "metadata", "name"]?.stringValue })
        }
    }

    /// Writes from many sides until the server is killed, after so many writes.
    private func write(to cluster: ClusterProcess, round: Int, killAfter count: Int, _ names: Acknowledged) async throws
    {
        let configuration = try ClusterConfiguration.discover(environment: [
            "KUBECONFIG": cluster.installation.kubeconfig
        ])
        try await ClusterConnection.with(configuration) { api in
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        var index = 0
                        while true {
                            let name = "r\(round)-w\(writer)-\(index)"
                            do {
                                _ = try await api.create(
                                    .configMaps,
                                    namespace: "default",
                                    ["metadata": ["name": .string(name)]]
                                )
                            } catch {
                                return
                            }
                            if names.add(name) == count { ProcessSignal.kill(cluster.running.pid) }
                            index += 1
                        }
                    }
                }
            }
        }
    }

    @Test func `loses no acknowledged write`() async throws {
        try await ScopedDirectory.with { directory in
            let names = Acknowledged()
            for round in 0..<6 {
                try await ClusterProcess.with(directory) { cluster in
                    let stored = try await list(cluster)
                    #expect(names.all.isSubset(of: stored))
                    try await write(to: cluster, round: round, killAfter: names.all.count + 37 * (round + 1), names)
                }
            }
            let stored = try await ClusterProcess.with(directory) { try await list($0) }
            #expect(names.all.count >= 37 * 6)
            #expect(names.all.isSubset(of: stored))
        }
    }
}
