import AgentPod
import KargoCore
import KubernetesClient
import Testing

@testable import ClusterDoctor

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Checkup of the controller")
struct ControllerCheckTests {
    private static let object = "Deployment kargo/kargo-controller"

    /// What comes of a changed Deployment.
    private func result(
        _ patient: Patient? = nil,
        deployment change: (inout JSONValue) -> Void = { _ in }
    ) async throws -> ControllerCheck.Result {
        let patient = try patient ?? Patient()
        try patient.change(Patient.deployment, change)
        return try await ControllerCheck(api: patient, namespace: "kargo").result()
    }

    /// What comes of a change of the Deployment's container.
    private func result(
        _ patient: Patient? = nil,
        container change: (inout JSONValue) -> Void
    ) async throws -> ControllerCheck.Result {
        try await result(
            patient,
            deployment: { deployment in
                guard var container = deployment[path: "spec", "template", "spec", "containers"]?.arrayValue?.first
                else {
                    return
                }
                change(&container)
                deployment[path: "spec", "template", "spec", "containers"] = [container]
            }
        )
    }

    private func result(_ patient: Patient? = nil, variables: [JSONValue]) async throws -> ControllerCheck.Result {
        try await result(patient, container: { $0["env"] = .array(($0["env"]?.arrayValue ?? []) + variables) })
    }

    private func problems(_ result: ControllerCheck.Result) -> [String] {
        result.findings.filter { $0.state != .ok }.map { "\($0.summary): \($0.message)" }
    }

    @Test func `is content with that of extended/deploy`() async throws {
        let result = try await self.result()
        #expect(problems(result) == [])
        #expect(result.isInCluster)
        #expect(result.policy?.capabilities == [])
        #expect(
            result.findings.map(\.summary) == [
                "ok \(Self.object)", "ok \(Self.object) image", "ok ConfigMap kargo/kargo-pod-policy data[policy.yaml]",
            ]
        )
    }

    @Test func `warns where there is none, or none to be seen`() async throws {
        let patient = try Patient()
        patient.remove(Patient.deployment)
        let missing = try await ControllerCheck(api: patient, namespace: "kargo").result()
        #expect(missing.findings.map(\.summary) == ["warning \(Self.object)"])
        #expect(!missing.isInCluster && missing.policy == nil)
        patient.forbid(Patient.deployment)
        let forbidden = try await ControllerCheck(api: patient, namespace: "kargo").result()
        #expect(forbidden.findings.map(\.summary) == ["warning \(Self.object)"])
    }

    @Test(
        arguments: [
            ("{spec: {replicas: 0}}", "error", "spec.replicas", "is 0, so that nothing is promoted; set it to 1"),
            (
                "{spec: {replicas: 2}}", "error", "spec.replicas",
                "is 2, but two controllers would work on the same Promotions; set it to 1, or apply "
                    + "extended/deploy/components/replicas"
            ),
            (
                "{spec: {strategy: {type: RollingUpdate}}}", "warning", "spec.strategy.type",
                "is RollingUpdate, which lets two controllers work at the same time; set it to Recreate"
            ),
            (
                """
                status:
                  availableReplicas: null
                  conditions: [{type: Available, status: "True", message: wrong}, {type: Available, status: "False",
                    message: no Pod is ready}]
                """, "error", "status.availableReplicas",
                "is 0: no Pod is ready; look at its Pods: kubectl -n kargo describe deployment,pod"
            ),
            (
                "{status: {availableReplicas: null}}", "error", "status.availableReplicas",
                "is 0; look at its Pods: kubectl -n kargo describe deployment,pod"
            ),
            (
                "{spec: {template: {spec: {containers: []}}}}", "error", "spec.template.spec.containers",
                "has no container"
            ),
        ]
    )
    func `finds what is wrong`(change: String, state: String, field: String, message: String) async throws {
        let change = try JSONValue(yaml: change)
        let result = try await self.result(deployment: { $0 = $0.applying(mergePatch: change) })
        #expect(problems(result) == ["\(state) \(Self.object) \(field): \(message)"])
    }

    @Test func `lets those be several that elect a leader`() async throws {
        let result = try await self.result(deployment: { deployment in
            deployment[path: "spec", "replicas"] = 2
            deployment[path: "spec", "strategy", "type"] = "RollingUpdate"
            deployment[path: "status", "availableReplicas"] = 2
            var containers = deployment[path: "spec", "template", "spec", "containers"]?.arrayValue ?? []
            let variable: JSONValue = ["name": "KARGO_LEADER_ELECTION", "value": "true"]
            containers[0]["env"] = .array((containers[0]["env"]?.arrayValue ?? []) + [variable])
            deployment[path: "spec", "template", "spec", "containers"] = .array(containers)
        })
        #expect(problems(result) == [])
    }

    @Test func `can't go by a Deployment that makes no sense`() async throws {
        let result = try await self.result(deployment: { $0[path: "spec", "template", "spec", "containers"] = "none" })
        #expect(problems(result).count == 1)
        #expect(problems(result).first?.hasPrefix("error \(Self.object) spec.template.spec: can't be read: ") == true)
    }

    @Test(
        arguments: [
            ("", "error"), ("ghcr.io/A/b:1", "error"), ("oci://ghcr.io/a/b:1", "error"), ("a b", "error"),
            ("ghcr.io/a/agent:1.0", "ok"), ("ghcr.io/a/agent:2.0", "warning"), ("agent", "warning"),
        ]
    )
    func `compares the image of agents with its own`(agent: String, state: String) async throws {
        let patient = try Patient()
        try patient.change(Patient.deployment) { deployment in
            let container: JSONValue = [
                "name": "kargo-controller", "image": "ghcr.io/a/kargo:1.0",
                "env": [["name": "KARGO_AGENT_IMAGE", "value": .string(agent)]],
            ]
            deployment[path: "spec", "template", "spec", "containers"] = [["name": "proxy", "image": "p"], container]
        }
        let result = try await ControllerCheck(api: patient, namespace: "kargo").result()
        if agent.isEmpty {
            #expect(problems(result) == [])
            #expect(result.findings.contains { $0.message == "agents run the controller's own, ghcr.io/a/kargo:1.0" })
        } else {
            let findings = result.findings.filter { $0.field == "KARGO_AGENT_IMAGE" }
            #expect(findings.map(\.state.rawValue) == [state], "\(findings)")
        }
    }

    @Test func `does not take anything for an image`() async throws {
        let result = try await self.result(container: { $0["image"] = "a:b:c" })
        #expect(result.findings.filter { $0.state == .error }.map(\.summary) == ["error \(Self.object) image"])
    }

    @Test func `knows variables that come of ConfigMaps, the later before the earlier`() async throws {
        let patient = try Patient()
        let path = "/api/v1/namespaces/kargo/configmaps"
        patient.put(
            ["data": ["SYSTEM_RESOURCES_NAMESPACE": "sys", "SHARED_RESOURCES_NAMESPACE": "x"]],
            at: "\(path)/env"
        )
        patient.put(["data": ["shared": "common"]], at: "\(path)/key")
        let result = try await self.result(
            patient,
            container: { container in
                container["envFrom"] = [
                    ["configMapRef": ["name": "env"]], ["configMapRef": ["name": "absent", "optional": true]],
                ]
                let reference: JSONValue = ["configMapKeyRef": ["name": "key", "key": "shared"]]
                container["env"] = [["name": "SHARED_RESOURCES_NAMESPACE", "valueFrom": reference]]
            }
        )
        #expect(problems(result) == [])
        #expect(result.systemNamespace == "sys")
        #expect(result.sharedNamespace == "common")
    }

    @Test func `misses ConfigMaps that it is made with`() async throws {
        let reference: JSONValue = ["configMapKeyRef": ["name": "absent", "key": "a"]]
        let missing = try await result(variables: [["name": "A", "valueFrom": reference]])
        #expect(
            problems(missing) == [
                "error ConfigMap kargo/absent: is not there, but the controller's Deployment needs it; add it"
            ]
        )
        let patient = try Patient()
        patient.remove(Patient.policy)
        #expect(try await problems(result(patient)).count == 1)
        patient.forbid(Patient.policy)
        let hidden = try await result(patient)
        #expect(hidden.findings.filter { $0.state == .warning }.count == 1)
        #expect(hidden.policy == nil)
    }

    @Test(
        arguments: [
            (["policy.yaml": "allowRoot: 1"], "data[policy.yaml]: allowRoot"),
            (["x": "y"], "data[policy.yaml]: is missing"),
        ]
    )
    func `reads the Pod policy`(data: [String: String], problem: String) async throws {
        let patient = try Patient()
        patient.put(["data": .object(data.mapValues(JSONValue.string))], at: Patient.policy)
        let result = try await self.result(patient)
        #expect(problems(result).count == 1)
        #expect(problems(result).first?.hasPrefix("error ConfigMap kargo/kargo-pod-policy \(problem)") == true)
        #expect(result.policy == nil)
        patient.put(["data": ["policy.yaml": "allowRoot: true"]], at: Patient.policy)
        #expect(try await self.result(patient).policy?.allowRoot == true)
    }

    @Test func `finds the Pod policy behind items and sub-paths`() async throws {
        let patient = try Patient()
        patient.put(["data": ["other": "allowRoot: true"]], at: Patient.policy)
        try patient.change(Patient.deployment) { deployment in
            deployment[path: "spec", "template", "spec", "volumes"] = [
                [
                    "name": "policy",
                    "configMap": ["name": "kargo-pod-policy", "items": [["key": "other", "path": "policy.yaml"]]],
                ]
            ]
        }
        #expect(try await result(patient).policy?.allowRoot == true)
        let mounted = try await result(
            patient,
            container: { container in
                container["volumeMounts"] = [
                    ["name": "policy", "mountPath": "/etc/kargo/policy.yaml", "subPath": "policy.yaml"]
                ]
            }
        )
        #expect(mounted.policy?.allowRoot == true)
        let nowhere = try await result(patient, container: { $0["volumeMounts"] = [] })
        #expect(nowhere.policy == nil)
        #expect(problems(nowhere).first?.hasPrefix("warning file /etc/kargo/policy.yaml: is in no ConfigMap") == true)
    }

    // MARK: Leases

    @Test(
        arguments: [
            ("{}", "warning", "nobody leads; "), ("{holderIdentity: ''}", "warning", "nobody leads; "),
            ("{holderIdentity: a}", "ok", "a leads"),
            (
                "{holderIdentity: a, leaseDurationSeconds: 15, renewTime: '2026-03-04T05:06:00.000000Z'}", "warning",
                "a led and has not said so for 60 s; "
            ),
            (
                "{holderIdentity: a, leaseDurationSeconds: 15, renewTime: '2026-03-04T05:06:50.000000Z'}", "ok",
                "a leads"
            ),
            (
                "{holderIdentity: a, leaseDurationSeconds: 15, renewTime: '2026-03-04T06:00:00.000000Z'}", "ok",
                "a leads"
            ),
        ]
    )
    func `looks at who leads`(spec: String, state: String, message: String) async throws {
        let patient = try Patient()
        let others: JSONValue = ["metadata": ["name": "some-operator", "namespace": "kargo"]]
        let metadata: JSONValue = ["name": "kargo-leader", "namespace": "kargo"]
        patient.put(
            ["items": [others, ["metadata": metadata, "spec": try JSONValue(yaml: spec)]]],
            at: Patient.leases
        )
        let now = try KubernetesMicroTime("2026-03-04T05:07:00.000000Z").date
        let findings = try await LeaseCheck(api: patient, namespace: "kargo", now: { now }).findings()
        #expect(findings.map(\.object) == ["Lease kargo/kargo-leader"])
        #expect(findings.first?.state.rawValue == state)
        #expect(findings.first?.message.hasPrefix(message) == true)
    }

    @Test func `says nothing of the Lease of a controller that elects no more`() async throws {
        let patient = try Patient()
        let leases: [JSONValue] = ["kargo-leader", "kargo-leader-eu"]
            .map { ["metadata": ["name": .string($0), "namespace": "kargo"]] }
        patient.put(["items": .array(leases)], at: Patient.leases)
        let report = try await Checkup(api: patient).run()
        #expect(report.findings.filter { $0.check == .lease }.map(\.object) == ["Lease kargo/kargo-leader-eu"])
    }

    @Test func `says nothing of Leases that nobody has or may see`() async throws {
        let patient = try Patient()
        #expect(try await LeaseCheck(api: patient, namespace: "kargo", now: { Date() }).findings() == [])
        patient.forbid(Patient.leases)
        #expect(try await LeaseCheck(api: patient, namespace: "kargo", now: { Date() }).findings() == [])
    }
}
