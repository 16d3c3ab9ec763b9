import KubernetesClient
import Testing

@testable import KargoCommands

@Suite("Kinds by their names")
struct KindCatalogTests {
    private func catalog() async throws -> KindCatalog {
        let cluster = CannedCluster()
        cluster.serveKinds()
        return KindCatalog(try await cluster.discover())
    }

    @Test(
        arguments: [
            ("promotions", "kargo.akuity.io/v1alpha1 promotions"), ("Promotion", "kargo.akuity.io/v1alpha1 promotions"),
            ("promo", "kargo.akuity.io/v1alpha1 promotions"), ("freight", "kargo.akuity.io/v1alpha1 freights"),
            ("STAGE", "kargo.akuity.io/v1alpha1 stages"), ("stages.theatre.example", "theatre.example/v1 stages"),
            ("cm", "v1 configmaps"), ("cm.theatre.example", "theatre.example/v1 props"),
            ("st", "theatre.example/v1 stages"),
        ]
    )
    func `finds a kind by any of its names`(name: String, expected: String) async throws {
        let resource = try await catalog().resource(named: name)
        #expect("\(resource.apiVersion) \(resource.plural)" == expected)
    }

    @Test(arguments: ["", ".", "pods", "stages.", "stages.kargo", "🚢"])
    func `says what a kind may be called when there is none`(name: String) async throws {
        let catalog = try await catalog()
        let error = #expect(throws: CommandError.self) { try catalog.resource(named: name) }
        #expect(error?.description.hasPrefix("the cluster has no kind \"\(name)\"; ") == true)
    }

    @Test func `finds the kind of a manifest by its version and exact name`() async throws {
        let catalog = try await catalog()
        #expect(catalog.resource(apiVersion: "theatre.example/v1", kind: "Stage")?.group == "theatre.example")
        #expect(catalog.resource(apiVersion: "v1", kind: "ConfigMap")?.plural == "configmaps")
        #expect(catalog.resource(apiVersion: "v1", kind: "configmap") == nil)
        #expect(catalog.resource(apiVersion: "kargo.akuity.io/v1", kind: "Stage") == nil)
    }

    @Test func `names objects as kubectl does`() {
        #expect(APIResource.stages.printed("test") == "stage.kargo.akuity.io/test")
        #expect(APIResource.configMaps.printed("a\u{1B}[2J") == "configmap/a\u{FFFD}[2J")
    }
}
