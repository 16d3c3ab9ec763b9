import KargoCore
import Testing

/// Server-side apply as kubectl does it.
@Suite(
    .tags(.integration),
    .enabled(if: NodeFixture.controller != nil),
    .timeLimit(.minutes(10))
)
struct KubectlApplyIntegrationTests {
    private let blue = KubectlSession.configMap(#"{"sky":"blue","sea":"green"}"#)
    private let grey = KubectlSession.configMap(#"{"sky":"grey"}"#)

    @Test(arguments: Kubectl.all)
    func `tells who owns what`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            let applied = try await kubectl("apply", "--server-side", "-f", "-", input: blue)
            #expect(applied == "configmap/colors serverside-applied\n")
            let conflict = try await kubectl.failing(
                "apply",
                "--server-side",
                "--field-manager=other",
                "-f",
                "-",
                input: grey
            )
            #expect(conflict.contains("Apply failed with 1 conflict: conflict with \"kubectl\": .data.sky"))
            #expect(conflict.contains("--force-conflicts"))
            try await kubectl(
                "apply",
                "--server-side",
                "--field-manager=other",
                "--force-conflicts",
                "-f",
                "-",
                input: grey
            )
            #expect(try await owners(kubectl) == ["kubectl Apply": [".data.sea"], "other Apply": [".data.sky"]])

            // Who applies less gives up the rest.
            try await kubectl("apply", "--server-side", "-f", "-", input: KubectlSession.configMap("{}"))
            #expect(try await kubectl("get", "cm", "colors", "-o", "jsonpath={.data}") == #"{"sky":"grey"}"#)

            try await kubectl("label", "cm", "colors", "a=b")
            try await kubectl("patch", "cm", "colors", "--type=merge", "-p", #"{"data":{"sky":"red"}}"#)
            #expect(
                try await owners(kubectl) == [
                    "kubectl Apply": [".data"],
                    "kubectl-label Update": [".metadata.labels", ".metadata.labels.a"],
                    "kubectl-patch Update": [".data.sky"],
                ]
            )
            let plain = try await kubectl("get", "cm", "colors", "-o", "yaml")
            #expect(!plain.contains("managedFields"))
        }
    }

    @Test(arguments: Kubectl.all)
    func `takes over from client-side apply`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("apply", "-f", "-", input: blue)
            try await kubectl("apply", "--server-side", "-f", "-", input: grey)
            let data = try await kubectl("get", "cm", "colors", "-o", "jsonpath={.data}")
            #expect(data == #"{"sky":"grey"}"#)
            let owners = try await owners(kubectl)
            #expect(owners["kubectl Apply"] == [".data.sky"])
            #expect(owners["kubectl-client-side-apply Update"] == nil)
            // And back again.
            #expect(try await kubectl("apply", "-f", "-", input: blue) == "configmap/colors configured\n")
        }
    }

    @Test(arguments: Kubectl.all)
    func `shows differences before they are made`(kubectl: Kubectl) async throws {
        try await KubectlSession.with(kubectl) { kubectl in
            try await kubectl("apply", "-f", "-", input: blue)
            #expect(try await kubectl("diff", "-f", "-", input: blue).isEmpty)
            for options in [[], ["--server-side", "--force-conflicts"]] {
                let output = try await kubectl.run(["diff"] + options + ["-f", "-"], input: grey)
                #expect(!output.succeeded && output.text.contains("-  sky: blue\n+  sky: grey"), "\(output.problem)")
            }
            let dry = try await kubectl("apply", "--dry-run=server", "-f", "-", input: grey)
            #expect(dry == "configmap/colors configured (server dry run)\n")
            #expect(try await kubectl("get", "cm", "colors", "-o", "jsonpath={.data.sky}") == "blue")
        }
    }

    /// The fields that each manager owns.
    private func owners(_ kubectl: KubectlSession) async throws -> [String: [String]] {
        let text = try await kubectl("get", "cm", "colors", "-o", "json", "--show-managed-fields")
        let object = try JSONValue(parsing: Array(text.utf8))
        var owners: [String: [String]] = [:]
        for entry in object[path: "metadata", "managedFields"]?.arrayValue ?? [] {
            let name = "\(entry["manager"]?.stringValue ?? "") \(entry["operation"]?.stringValue ?? "")"
            owners[name] = leaves(entry["fieldsV1"] ?? [:], "")
        }
        return owners
    }

    private func leaves(_ fields: JSONValue, _ path: String) -> [String] {
        guard let members = fields.objectValue, !members.isEmpty else { return [path] }
        return members.sorted { $0.key < $1.key }
            .flatMap { name, member in
                name == "." ? [path] : leaves(member, "\(path).\(name.dropFirst(2))")
            }
    }
}
