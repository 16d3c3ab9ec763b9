import BuiltinSteps
import KargoCore
import Testing

@Suite("compose-output, fail and the registry")
struct SimpleStepTests {
    @Test func `puts out what it is given`() async throws {
        try await StepBench.with { bench async throws in
            let config: JSONValue = ["a": 1, "b": ["c": [true, .null, 1.5]]]
            #expect(
                try await bench.run("compose-output", config)
                    == .succeeded(output: ["a": 1, "b": ["c": [true, .null, 1.5]]])
            )
            #expect(try await bench.run("compose-output", [:]).status == .failed)
        }
    }

    @Test(arguments: [([:], "failed"), (["message": "no luck"], "failed: no luck")] as [(JSONValue, String)])
    func `fails for good`(config: JSONValue, message: String) async throws {
        try await StepBench.with { bench async throws in
            #expect(try await bench.run("fail", config) == .failed(message))
        }
    }

    @Test func `are all registered`() async throws {
        let registry = try await BuiltinStepKinds.withRegistry(capabilities: StepCapabilities(), environment: [:]) {
            $0
        }
        #expect(
            registry.kinds == [
                "argocd-update", "argocd-wait", "compose-output", "copy", "delete", "fail", "file-write",
                "gh-create-issue", "gh-issue-add-comment", "gh-issue-delete-comment", "gh-issue-update-comment",
                "gh-search-issues", "gh-update-issue", "gh-wait-for-issue-state", "gha-dispatch-workflow",
                "gha-wait-for-workflow", "git-clear", "git-clone", "git-commit", "git-merge-pr", "git-open-pr",
                "git-push", "git-tag", "git-wait-for-pr", "github-push", "hcl-update", "helm-template",
                "helm-update-chart", "http", "http-download", "json-parse", "json-update", "kustomize-build",
                "kustomize-set-image", "oci-download", "oci-push", "record-audit-event", "set-freight-alias",
                "set-metadata", "tar", "toml-parse", "toml-update", "untar", "yaml-merge", "yaml-parse",
                "yaml-update",
            ]
        )
        #expect(registry.kinds.filter { registry.kind($0)?.propagatesOutputToTask == true } == ["compose-output"])
    }
}
