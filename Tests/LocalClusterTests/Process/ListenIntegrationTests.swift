import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

/// A cluster that is told where to serve.
@Suite(.tags(.integration), .enabled(if: NodeFixture.controller != nil), .timeLimit(.minutes(1)))
struct ListenIntegrationTests {
    /// Reads something by way of an address.
    private func read(_ cluster: ClusterProcess, at host: String? = nil) async throws -> JSONValue {
        var configuration = try ClusterConfiguration.discover(
            environment: ["KUBECONFIG": cluster.installation.kubeconfig]
        )
        if let host { configuration.server = configuration.server.replacing("127.0.0.2", with: host) }
        return try await ClusterConnection.with(configuration, reaching: .once) {
            try await $0.get(APIResource.namespaces, name: "default")
        }
    }

    #if os(Linux)
    // Elsewhere loopback has one address.
    @Test func `serves there and nowhere else`() async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory, options: ["--listen", "127.0.0.2"]) { cluster in
                #expect(cluster.running.address?.hasPrefix("https://127.0.0.2:") == true)
                let object = try await read(cluster)
                #expect(object["kind"] == "Namespace")
                try await #require(throws: KubernetesError.self) { try await read(cluster, at: "127.0.0.1") }
            }
        }
    }
    #endif

    @Test func `serves everywhere, and this machine by loopback`() async throws {
        try await ScopedDirectory.with { directory in
            try await ClusterProcess.with(directory, options: ["--listen", "0.0.0.0"]) { cluster in
                #expect(cluster.running.address?.hasPrefix("https://127.0.0.1:") == true)
                let object = try await read(cluster)
                #expect(object["kind"] == "Namespace")
            }
        }
    }
}
