import KargoCore
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an operator does with `extended/deploy`.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil),
    .timeLimit(.minutes(10))
)
struct DeployIntegrationTests {
    private static let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }
    /// Kinds that a local cluster does not have.
    private static let foreign = [
        "Deployment", "NetworkPolicy", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
    ]

    private func rendered(_ kubectl: KubectlSession, _ folder: String) async throws -> [JSONValue] {
        let path = Self.root.appending(path: "extended/deploy\(folder)").path
        return try JSONValue.documents(inYAML: try await kubectl("kustomize", path))
    }

    @Test(arguments: Kubectl.all)
    func `is rendered, applied, and applied again without a change`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let objects = try await rendered(kubectl, "")
            let kinds = objects.compactMap { $0["kind"]?.stringValue }
            #expect(kinds.count { $0 == "CustomResourceDefinition" } == 11)
            #expect(kinds.count { Self.foreign.contains($0) } == 7)
            let served = objects.filter { !Self.foreign.contains($0["kind"]?.stringValue ?? "") }
            let manifest = served.map { $0.yaml() }.joined(separator: "---\n")
            let first = try await kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input: manifest)
            #expect(first.split(separator: "\n").count == served.count)
            // The others have a status, which the cluster writes when it is ready.
            let still = served.filter {
                !["CustomResourceDefinition", "Namespace"].contains($0["kind"]?.stringValue ?? "")
            }
            let versions = ["get", "-f", "-", "-o", "jsonpath={.items[*].metadata.resourceVersion}"]
            let names = still.map { $0.yaml() }.joined(separator: "---\n")
            let before = try await kubectl.run(versions, input: names).text
            try await kubectl("apply", "--server-side", "-f", "-", input: manifest)
            #expect(before.split(separator: " ").count == still.count)
            #expect(try await kubectl.run(versions, input: names).text == before)
            #expect(
                try await kubectl("get", "sa", "kargo-controller", "-n", "kargo", "-o", "name")
                    .contains("kargo-controller")
            )
            #expect(
                try await kubectl("get", "cm", "-n", "kargo", "-o", "jsonpath={.items[*].data}")
                    .contains("workspaceSize")
            )
        }
    }

    @Test(arguments: Kubectl.all)
    func `is given to a Project`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let objects = try await rendered(kubectl, "/project")
            #expect(objects.compactMap { $0["kind"]?.stringValue }.sorted() == ["NetworkPolicy", "RoleBinding"])
            let binding = try #require(objects.first { $0["kind"] == "RoleBinding" })
            try await kubectl("apply", "--server-side", "-n", "default", "-f", "-", input: binding.yaml())
            let role = ["get", "rolebinding", "kargo-controller", "-n", "default", "-o", "jsonpath={.roleRef.name}"]
            #expect(try await kubectl.run(role).text == "kargo-controller-project")
        }
    }
}
