import AgentPod
import ArgoCompat
import KargoCore
import KargoTestSupport
import Testing

@Suite("Pod policy")
struct PodPolicyTests {
    @Test(arguments: ["", "{}", "# nothing\n", "null"])
    func `has defaults for everything`(text: String) throws {
        let policy = try PodPolicy(text: text)
        #expect(policy == PodPolicy())
        #expect(!policy.allowRoot && policy.secretRefs == .allow && policy.securityContext == .standard)
        #expect(policy.credentials == .all && policy.workspaceSize == nil && policy.startTimeout == nil)
        #expect(PodPolicy.defaultWorkspaceSize.description == "10Gi")
    }

    @Test func `is read from YAML and JSON`() throws {
        let yaml = """
            allowRoot: true
            capabilities: [CHOWN, SYS_ADMIN]
            secretRefs: deny
            defaultRunAsUser: 0
            securityContext: platform
            credentials: project-only
            sharedState: declared
            workspaceSize: 20Gi
            startTimeout: 15m
            annotations: {a/b: c}
            labels: {d: e}
            agentResources: {limits: {memory: 1Gi}}
            pullSecrets: {"*": [s]}
            """
        let policy = try PodPolicy(text: yaml)
        #expect(policy.allowRoot && policy.secretRefs == .deny && policy.securityContext == .platform)
        #expect(policy.defaultRunAsUser == 0 && policy.credentials == .projectOnly)
        #expect(policy.sharedState == .declared)
        #expect(policy.workspaceSize?.description == "20Gi")
        #expect(policy.startTimeout?.nanoseconds == 900_000_000_000)
        #expect(policy.annotations == ["a/b": "c"] && policy.labels == ["d": "e"])
        #expect(policy.pullSecrets == [PodPolicy.everyProject: ["s"]])
        #expect(policy.agentResources?.limits["memory"]?.description == "1Gi")
        #expect(try PodPolicy(text: JSONValue(yaml: yaml).text()) == policy)
        // What it encodes reads back, so that it can be shown.
        #expect(try PodPolicy(text: JSONValueEncoder().encode(policy).text()) == policy)
    }

    @Test(arguments: [
        ("allowroot: true", "allowroot"), ("agentResources: {limit: {}}", "agentResources.limit"),
        ("secretRefs: maybe", "secretRefs: must be \"allow\" or \"deny\", not \"maybe\""),
        ("securityContext: none", "securityContext: must be \"default\" or \"platform\", not \"none\""),
        ("credentials: none", "credentials: must be \"all\" or \"project-only\", not \"none\""),
        ("sharedState: none", "sharedState: must be \"all\" or \"declared\", not \"none\""),
        ("capabilities: [CAP_CHOWN]", "capabilities[0]: must be the name of a capability"),
        ("capabilities: [CHOWN, chown]", "capabilities[1]: must be the name of a capability"),
        ("capabilities: [\"\"]", "capabilities[0]: must be the name of a capability"),
        ("defaultRunAsUser: 0", "defaultRunAsUser: must be between 1 and 2147483647, not 0; root needs allowRoot"),
        ("defaultRunAsUser: -1", "defaultRunAsUser: must be between 1 and 2147483647, not -1"),
        ("defaultRunAsUser: 2147483648", "defaultRunAsUser: must be between 1 and 2147483647"),
        ("workspaceSize: 0", "workspaceSize: must be more than nothing, not 0"),
        ("workspaceSize: -1Gi", "workspaceSize: must be more than nothing"),
        ("workspaceSize: large", "workspaceSize"), ("startTimeout: 0s", "startTimeout: must be more than nothing"),
        ("startTimeout: 10", "startTimeout"),
        (
            "annotations: {kargo-extended.code.org/agent-nonce: x}",
            "annotations[kargo-extended.code.org/agent-nonce]: is"
        ),
        ("labels: {kargo-extended.code.org/promotion-agent: x}", "labels[kargo-extended.code.org/promotion-agent]: is"),
        ("agentResources: {claims: [{name: x}]}", "agentResources.claims: agents use none"),
        ("pullSecrets: {demo: [a, \"\"]}", "pullSecrets.demo[1]: must name a Secret"), ("[]", ""), ("a: [", "line"),
    ])
    func `names the field that it can't use`(text: String, problem: String) throws {
        let error = try #require(throws: FieldError.self) { try PodPolicy(text: text) }
        #expect(error.description.contains(problem), "\(error)")
    }

    @Test func `is read from a file, which it names when it can't be`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("allowRoot: true", to: "policy.yaml")
            #expect(try PodPolicy.load(path: directory.file("policy.yaml")).allowRoot)
            try directory.write("allowRoot: perhaps", to: "policy.yaml")
            for name in ["policy.yaml", "none.yaml"] {
                let path = directory.file(name)
                let failure = try #require(throws: PodPolicy.Failure.self) { try PodPolicy.load(path: path) }
                #expect(failure.description.hasPrefix("\(path): the Pod policy can't be "))
            }
        }
    }
}
