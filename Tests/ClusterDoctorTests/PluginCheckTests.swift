import AgentPod
import KargoCore
import Testing

@testable import ClusterDoctor

@Suite("Checkup of plugins")
struct PluginCheckTests {
    private static let system = "kargo-system-resources"

    private func map(
        _ name: String,
        in namespace: String = "demo",
        kinds: [String],
        port: Int = 9765,
        security: String = "runAsNonRoot: true",
        more: String = "",
        steps: String? = nil
    ) -> JSONValue {
        let text = """
            name: \(name)-step-plugin
            image: a:1
            ports: [{containerPort: \(port)}]
            resources: {requests: {cpu: 50m}, limits: {memory: 64Mi}}
            securityContext: {\(security)}
            \(more)
            """
        return [
            "metadata": [
                "name": .string("\(name)-step-plugin"), "namespace": .string(namespace),
                "labels": ["kargo-extended.code.org/configmap-type": "StepPlugin"],
            ],
            "data": [
                "sidecar.automountServiceAccountToken": "false", "sidecar.container": .string(text),
                "steps.yaml": .string(steps ?? kinds.map { "- {kind: \($0)}\n" }.joined()),
            ],
        ]
    }

    private func findings(
        _ maps: [JSONValue],
        projects: [String] = ["demo"],
        policy: String = ""
    ) async throws -> [Finding] {
        let patient = try Patient()
        patient.put(["items": .array(maps)], at: Patient.configMaps)
        return try await PluginCheck(
            api: patient,
            systemNamespace: Self.system,
            projects: projects,
            policy: try PodPolicy(text: policy)
        )
        .findings()
    }

    @Test func `is content with plugins that can run`() async throws {
        let findings = try await findings([
            map("b", in: Self.system, kinds: ["b"], port: 1), map("a", kinds: ["a1", "a2"], port: 2),
            map("c", in: "elsewhere", kinds: ["a1"]),
        ])
        #expect(
            findings == [
                Finding(.ok, .plugin, "ConfigMap demo/a-step-plugin", "runs a1, a2"),
                Finding(.ok, .plugin, "ConfigMap \(Self.system)/b-step-plugin", "runs b"),
            ]
        )
        #expect(try await self.findings([]) == [])
    }

    @Test func `says why one can't be read`() async throws {
        let findings = try await findings([
            map("a", kinds: [], steps: "- {kind: [}"), map("b", kinds: [], steps: "[]"),
            map("c", kinds: ["c"], more: "x: z"),
            ["metadata": ["name": "d", "namespace": "demo"], "data": 1],
        ])
        #expect(
            findings.map(\.summary) == [
                "error ConfigMap demo/d", "error ConfigMap demo/a-step-plugin data[steps.yaml]",
                "error ConfigMap demo/b-step-plugin spec.steps", "warning ConfigMap demo/c-step-plugin",
            ]
        )
        #expect(findings.dropFirst().first?.message.hasSuffix("; build it anew: kargo step-plugin build") == true)
        #expect(findings.last?.message.hasSuffix("unknown field x is left out; this release does not know it") == true)
    }

    @Test func `warns of kinds that are builtin`() async throws {
        let findings = try await findings([map("a", kinds: ["mine", "git-clone"])])
        #expect(findings.map(\.summary) == ["warning ConfigMap demo/a-step-plugin data[steps.yaml][1].kind"])
        #expect(findings.first?.message.hasPrefix("\"git-clone\" is a builtin kind") == true)
    }

    @Test func `finds sidecars that the Pod policy refuses, each for all its reasons`() async throws {
        let security = "privileged: true, runAsUser: 0"
        let refused = try await findings([map("a", kinds: ["a"], security: security)])
        let field = "error ConfigMap demo/a-step-plugin data[sidecar.container].securityContext"
        #expect(refused.map(\.summary) == ["\(field).privileged", "\(field).runAsUser"])
        #expect(
            refused.last?.message.hasSuffix(", or have the operator permit it (allowRoot of the Pod policy)") == true
        )
        let permitted = try await findings([map("a", kinds: ["a"], security: security)], policy: "allowRoot: true")
        #expect(permitted.map(\.summary) == ["\(field).privileged"])
    }

    @Test func `finds kinds that two plugins have, once for all Projects`() async throws {
        let maps = [
            map("a", in: Self.system, kinds: ["x"], port: 1), map("b", in: Self.system, kinds: ["x"], port: 2),
            map("a", in: "p2", kinds: ["mine"], port: 3),
        ]
        func conflict(_ projects: [String]) async throws -> Finding? {
            try await findings(maps, projects: projects).filter { $0.state != .ok }.first
        }
        let some = try await conflict((1...6).map { "p\($0)" })
        #expect(some?.summary == "error kind x")
        #expect(some?.message.hasPrefix("in p1, p3, p4 and 2 more can't be used: plugins ") == true)
        #expect(try await conflict(["p1", "p3"])?.message.hasPrefix("in every Project can't be used: ") == true)
        #expect(try await conflict([])?.message.hasPrefix("can't be used: ") == true)
        #expect(try await conflict(["p2"]) == nil)
    }

    @Test func `warns of plugins that can't be in one Pod`() async throws {
        let findings = try await findings([map("a", kinds: ["a"]), map("b", kinds: ["b"])])
        #expect(findings.map(\.state) == [.ok, .ok, .warning])
        #expect(findings.last?.message.contains("both listen on port 9765") == true)
        #expect(findings.last?.message.hasSuffix("; a Promotion that uses both can't run") == true)
    }

    @Test func `says that it may not look`() async throws {
        let patient = try Patient()
        patient.forbid(Patient.configMaps)
        let report = try await Checkup(api: patient).run()
        #expect(report.findings.filter { $0.state != .ok }.map(\.summary) == ["warning ConfigMaps of all namespaces"])
    }
}
