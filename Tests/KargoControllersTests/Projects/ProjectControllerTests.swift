import KargoCore
import KubernetesClient
import Testing

@Suite("Project controller", .timeLimit(.minutes(1)))
struct ProjectControllerTests {
    private static let project = APIResource.projects.path(name: "fresh")
    private static let namespace = APIResource.namespaces.path(name: "fresh")
    private static let finalizer = "kargo.akuity.io/finalizer"

    private func isReady(_ object: JSONValue?) -> Bool {
        object?[path: "metadata", "finalizers"] == [.string(Self.finalizer)]
    }

    /// A Project with its Namespace while the controllers run.
    private func withProject(
        _ metadata: String = "",
        _ body: @escaping @Sendable (KargoCluster) async throws -> Void
    ) async throws {
        let fixture = try ControllerFixture()
        try await fixture.running {
            try fixture.cluster.add(.projects, "{metadata: {name: fresh\(metadata)}}")
            try await fixture.cluster.wait(for: Self.project, where: isReady)
            try await fixture.cluster.wait(for: Self.namespace, where: isReady)
            try await body(fixture.cluster)
        }
    }

    @Test func `makes a Namespace for a Project`() async throws {
        try await withProject { cluster in
            #expect(
                cluster[Self.namespace]?[path: "metadata", "labels"] == ["kargo.akuity.io/project": "true"]
            )
        }
    }

    @Test func `holds on to a Namespace that was there before its Project`() async throws {
        let fixture = try ControllerFixture()
        try await fixture.running {
            let labels = "labels: {kargo.akuity.io/project: 'true'}"
            let finalizers = "finalizers: [\(Self.finalizer)]"
            try fixture.cluster.add(.namespaces, "{metadata: {name: fresh, \(labels), \(finalizers)}}")
            // For all that is known it is nobody's.
            try await fixture.cluster.wait(for: Self.namespace) { !isReady($0) }
            try fixture.cluster.add(.projects, "{metadata: {name: fresh}}")
            try await fixture.cluster.wait(for: Self.project, where: isReady)
            // Whoever deletes the Namespace now means the Project.
            #expect(isReady(fixture.cluster[Self.namespace]))
        }
    }

    @Test func `lets a Namespace go with its Project`() async throws {
        try await withProject { cluster in
            cluster.remove(Self.project)
            try await cluster.wait(for: Self.namespace) { $0 == nil }
            try await cluster.wait(for: Self.project) { $0 == nil }
        }
    }

    @Test func `lets a Project go with its Namespace`() async throws {
        try await withProject { cluster in
            cluster.remove(Self.namespace)
            try await cluster.wait(for: Self.project) { $0 == nil }
            try await cluster.wait(for: Self.namespace) { $0 == nil }
        }
    }

    @Test func `keeps a Namespace that the Project says to keep`() async throws {
        try await withProject(", annotations: {kargo.akuity.io/keep-namespace: 'true'}") { cluster in
            cluster.remove(Self.project)
            try await cluster.wait(for: Self.project) { $0 == nil }
            let namespace = try await cluster.wait(for: Self.namespace) { !isReady($0) }
            #expect(namespace != nil)
            #expect(namespace?[path: "metadata", "deletionTimestamp"] == nil)
        }
    }

    @Test func `keeps a Namespace that says so itself`() async throws {
        try await withProject { cluster in
            try cluster.change(
                Self.namespace,
                "{metadata: {annotations: {kargo.akuity.io/keep-namespace: 'true'}}}"
            )
            cluster.remove(Self.project)
            try await cluster.wait(for: Self.project) { $0 == nil }
            #expect(cluster[Self.namespace]?[path: "metadata", "deletionTimestamp"] == nil)
        }
    }
}
