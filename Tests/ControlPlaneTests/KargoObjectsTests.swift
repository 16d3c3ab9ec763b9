import ControlPlane
import KargoCore
import KubernetesClient
import Testing

@Suite("Reading Kargo's objects")
struct KargoObjectsTests {
    private func makeObjects() throws -> KargoObjects {
        let labelled = "metadata: {name: a, namespace: demo, labels: {kargo.akuity.io/alias: wise-otter}}"
        return KargoObjects(
            api: try ProjectFixture(
                (.freights, "{\(labelled), alias: changed, origin: {kind: Warehouse, name: w}}"),
                (.freights, "{metadata: {name: b, namespace: demo}, alias: first, origin: {kind: Warehouse, name: w}}")
            )
        )
    }

    @Test(arguments: [("wise-otter", "a"), ("first", "b")])
    func `finds Freight by its alias, also where no webhook has made that a label`(
        alias: String,
        name: String
    ) async throws {
        #expect(try await makeObjects().freight(alias: alias, project: "demo").metadata.name == name)
    }

    @Test(arguments: ["changed", "none"])
    func `finds no Freight that has another alias`(alias: String) async throws {
        let error = await #expect(throws: KubernetesError.self) {
            _ = try await makeObjects().freight(alias: alias, project: "demo")
        }
        #expect(error?.code == .notFound)
    }
}
