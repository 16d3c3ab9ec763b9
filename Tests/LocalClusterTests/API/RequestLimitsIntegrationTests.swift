import KargoCore
import KubernetesClient
import LocalCluster
import Testing

@Suite("Limits of a local cluster", .timeLimit(.minutes(1)))
struct RequestLimitsIntegrationTests {
    @Test func `bodies that are too large are refused`() async throws {
        try await ClusterFixture.with(limits: RequestLimits(bodySize: 10_000)) { cluster in
            for (length, code) in [(20_000, 413), (9_000, 201)] {
                let text = String(repeating: "x", count: length)
                let error = await failure {
                    _ = try await cluster.api.create(
                        .configMaps,
                        namespace: "default",
                        cluster.configMap("big", ["k": .string(text)])
                    )
                }
                guard code == 413 else {
                    #expect(error == nil)
                    continue
                }
                #expect(error?.code == .other(413))
                #expect(error?.message == "Request entity too large: limit is 10000")
            }
        }
    }

    @Test func `watches beyond the limit are put off, and other requests are not`() async throws {
        try await ClusterFixture.with(limits: RequestLimits(concurrentStreams: 1)) { cluster in
            _ = try await cluster.api.create(.configMaps, namespace: "default", cluster.configMap("a"))
            struct Done: Error {}
            await #expect(throws: Done.self) {
                try await cluster.api.watch(.configMaps, from: "0") { _ in
                    let error = await failure { try await cluster.api.watch(.configMaps, from: "0") { _ in } }
                    #expect(error?.code == .tooManyRequests)
                    let options = ListOptions(fieldSelector: "metadata.name=a")
                    #expect(try await cluster.api.list(.configMaps, options: options).items.count == 1)
                    throw Done()
                }
            }
        }
    }

    @Test func `requests beyond the limit are put off`() async throws {
        try await ClusterFixture.with(limits: RequestLimits(concurrentRequests: 0)) { cluster in
            let error = await failure { _ = try await cluster.api.list(.configMaps) }
            #expect(error?.code == .tooManyRequests)
            #expect(error?.message.contains("too many requests at work") == true)
        }
    }
}
