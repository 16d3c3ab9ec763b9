import KargoCore
import KubernetesClient
import Synchronization
import Testing

@testable import KargoCommands

@Suite("Applying and deleting objects")
struct ObjectWriterTests {
    private let path = "\(CannedCluster.project)/stages/test"

    private func manifest(_ text: String) throws -> Manifest {
        try #require(try Manifest.all(in: text, of: "f.yaml").first)
    }

    private func stage(_ shard: String = "a", namespace: String? = nil) throws -> Manifest {
        let namespace = namespace.map { ", namespace: \($0)" } ?? ""
        return try manifest(
            "{apiVersion: kargo.akuity.io/v1alpha1, kind: Stage, metadata: {name: test\(namespace)}, spec: {shard: \(shard)}}"
        )
    }

    @Test func `creates, changes and leaves alone`() async throws {
        let cluster = CannedCluster()
        cluster.serveKinds()
        var writer = ObjectWriter(api: cluster, namespace: "demo")
        #expect(try await writer.apply(stage()).description == "stage.kargo.akuity.io/test created")
        #expect(try await writer.apply(stage()).description == "stage.kargo.akuity.io/test unchanged")
        #expect(try await writer.apply(stage("b")).description == "stage.kargo.akuity.io/test configured")
        #expect(cluster.object(at: path)?[path: "spec", "shard"] == "b")
        #expect(
            cluster.writes.map { "\($0.method) \($0.target)" } == [
                "POST \(CannedCluster.project)/stages?fieldManager=kargo&fieldValidation=Strict",
                "PATCH \(path)?fieldManager=kargo&fieldValidation=Strict",
            ]
        )
    }

    @Test func `says unchanged where the server made nothing of a patch`() async throws {
        let cluster = CannedCluster()
        cluster.serveKinds()
        var writer = ObjectWriter(api: cluster, namespace: "demo")
        _ = try await writer.apply(stage())
        let live = try #require(cluster.object(at: path))
        cluster.answer("\(path)?fieldManager=kargo&fieldValidation=Strict", 200, live)
        #expect(try await writer.apply(stage("b")).deed == "unchanged")
    }

    @Test func `posts what has no name yet`() async throws {
        let cluster = CannedCluster()
        cluster.serveKinds()
        cluster.answer(
            "\(CannedCluster.project)/promotions?fieldManager=kargo&fieldValidation=Strict",
            201,
            ["metadata": ["name": "p-1"]]
        )
        var writer = ObjectWriter(api: cluster, namespace: "demo")
        let outcome = try await writer.apply(
            manifest("{apiVersion: kargo.akuity.io/v1alpha1, kind: Promotion, metadata: {generateName: p-}}")
        )
        #expect(outcome.description == "promotion.kargo.akuity.io/p-1 created")
    }

    @Test func `puts objects where they belong`() async throws {
        let cluster = CannedCluster()
        cluster.serveKinds(times: 2)
        var writer = ObjectWriter(api: cluster, namespace: "demo")
        _ = try await writer.apply(stage(namespace: "other"))
        _ = try await writer.apply(
            manifest("{apiVersion: kargo.akuity.io/v1alpha1, kind: Project, metadata: {name: p, namespace: x}}")
        )
        #expect(cluster.object(at: "/apis/kargo.akuity.io/v1alpha1/namespaces/other/stages/test") != nil)
        #expect(cluster.object(at: "/apis/kargo.akuity.io/v1alpha1/projects/p") != nil)
        var strict = ObjectWriter(api: cluster, namespace: "demo", requiredNamespace: "demo")
        let error = await #expect(throws: CommandError.self) { try await strict.apply(stage(namespace: "other")) }
        #expect(
            error?.description.hasPrefix("f.yaml: metadata.namespace is \"other\", but --project is \"demo\"") == true
        )
    }

    @Test func `looks again for a kind that it does not know`() async throws {
        let cluster = CannedCluster()
        cluster.answer("/api", 200, ["kind": "APIGroupDiscoveryList"])
        cluster.answer("/apis", 200, ["kind": "APIGroupDiscoveryList"])
        cluster.serveKinds(times: 2)
        var writer = ObjectWriter(api: cluster, namespace: "demo")
        let first = await #expect(throws: CommandError.self) { try await writer.apply(stage()) }
        #expect(
            first?.description.hasPrefix("f.yaml: the cluster has no kind \"Stage\" in \"kargo.akuity.io/v1alpha1\"; ")
                == true
        )
        #expect(try await writer.apply(stage()).deed == "created")
        await #expect(throws: CommandError.self) { try await writer.apply(manifest("{apiVersion: v1, kind: Pod}")) }
    }

    @Test func `hands refusals and warnings on`() async throws {
        let cluster = CannedCluster()
        cluster.serveKinds()
        let target = "\(CannedCluster.project)/stages?fieldManager=kargo&fieldValidation=Strict"
        cluster.answer(target, 422, ["message": "spec.shard: bad"], warnings: ["old field"])
        let warnings = Mutex<[String]>([])
        var writer = ObjectWriter(api: cluster, namespace: "demo")
        writer.onWarning = { warning in warnings.withLock { $0.append(warning) } }
        let error = await #expect(throws: CommandError.self) { try await writer.apply(stage()) }
        #expect(error?.description == "f.yaml: spec.shard: bad")
        #expect(warnings.withLock { $0 } == ["old field"])
    }

    @Test func `deletes what is there`() async throws {
        let cluster = CannedCluster()
        cluster.serveKinds()
        var writer = ObjectWriter(api: cluster, namespace: "demo")
        _ = try await writer.apply(stage())
        #expect(try await writer.delete(stage())?.description == "stage.kargo.akuity.io/test deleted")
        #expect(try await writer.delete(stage()) == nil)
        #expect(cluster.writes.last?.body == ["propagationPolicy": "Background"])
        await #expect(throws: CommandError.self) {
            try await writer.delete(manifest("{apiVersion: v1, kind: ConfigMap}"))
        }
    }
}
