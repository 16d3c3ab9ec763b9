import KargoCore
import KargoTestSupport
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
        "Deployment", "NetworkPolicy", "Service", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
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
            #expect(kinds.count { Self.foreign.contains($0) } == 12)
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
    func `is given a second replica, and the right to a Lease`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let folder = Self.root.appending(path: "extended/deploy").path
            try await ScopedDirectory.with { directory in
                try directory.write(
                    "resources: ['\(folder)']\ncomponents: ['\(folder)/components/replicas']",
                    to: "kustomization.yaml"
                )
                // kustomize takes no absolute paths of others.
                let relative = "../" + directory.path.split(separator: "/").map { _ in ".." }.joined(separator: "/")
                let text = try directory.read("kustomization.yaml").replacing("'/", with: "'\(relative)/")
                try directory.write(text, to: "kustomization.yaml")
                let objects = try JSONValue.documents(inYAML: try await kubectl("kustomize", directory.path))
                let deployment = try #require(objects.first { $0["kind"] == "Deployment" })
                #expect(deployment[path: "spec", "replicas"] == 2)
                let container = deployment[path: "spec", "template", "spec", "containers"]?.arrayValue?.first
                let names = (container?["env"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
                #expect(Set(["KARGO_LEADER_ELECTION", "POD_NAME", "METRICS_BIND_ADDRESS"]).isSubset(of: names))
                let role = try #require(
                    objects.first { $0["kind"] == "Role" && $0[path: "metadata", "name"] == "kargo-controller-lease" }
                )
                let rules = role["rules"]?.arrayValue ?? []
                #expect(rules.map { $0["verbs"] } == [["create", "get", "update"]])
                #expect(rules.allSatisfy { $0["resources"] == ["leases"] })
            }
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
