import KargoCore
import Testing

@testable import ClusterDoctor

@Suite("Checkup of the way to agents")
struct NetworkPolicyCheckTests {
    private static let path = "/apis/networking.k8s.io/v1/networkpolicies"

    /// What is found about these specifications of policies in the Project `demo`.
    private func findings(
        _ specifications: [String],
        connection: String = "direct",
        labels: [String: JSONValue] = [:]
    ) async throws -> [Finding] {
        let items = try specifications.enumerated()
            .map { number, text -> JSONValue in
                [
                    "metadata": ["name": .string("p\(number)"), "namespace": "demo"], "spec": try JSONValue(yaml: text),
                ]
            }
        let patient = try Patient()
        patient.put(["metadata": ["resourceVersion": "1"], "items": .array(items)], at: Self.path)
        patient.put(["metadata": ["labels": .object(labels)]], at: "/api/v1/namespaces/kargo")
        return try await check(patient, connection).findings()
    }

    private func check(_ patient: Patient, _ connection: String = "direct") -> NetworkPolicyCheck {
        NetworkPolicyCheck(
            api: patient,
            namespace: "kargo",
            podLabels: ["app.kubernetes.io/name": "kargo-controller"],
            connection: connection,
            projects: ["demo", "other"]
        )
    }

    private static let closed = "podSelector: {}"

    @Test func `is content with that of extended/deploy`() async throws {
        let policy = try #require(try Patient.documents("extended/deploy/project/network-policy.yaml").first)
        #expect(try await findings([try #require(policy["spec"]).yaml()]) == [])
        // Beside one that closes all the Project's Pods, too.
        #expect(try await findings([try #require(policy["spec"]).yaml(), Self.closed]) == [])
    }

    @Test(arguments: [
        "{podSelector: {}, ingress: [{}]}",
        "{podSelector: {matchLabels: {app: web}}}",
        "{podSelector: {matchExpressions: [{key: kargo-extended.code.org/promotion-agent, operator: DoesNotExist}]}}",
        "{podSelector: {}, policyTypes: [Egress]}",
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}}], ports: [{port: 9000, endPort: 10000}]}]}",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: kargo}}}], ports: [{port: agent}]}]}",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [kargo]}]}}]}]}",
    ])
    func `sees nothing in the way`(policy: String) async throws {
        #expect(try await findings([policy], labels: ["team": "kargo"]) == [])
    }

    @Test(arguments: [
        Self.closed,
        "{podSelector: {matchLabels: {kargo-extended.code.org/promotion-agent: 'true'}}, policyTypes: [Ingress]}",
        "{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}",
        "{podSelector: {}, ingress: [{ports: [{port: 443}]}]}",
        "{podSelector: {}, ingress: [{ports: [{port: 9764, protocol: UDP}]}]}",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: other}}}]}]}",
        "{podSelector: {}, ingress: [{from: [{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}]}]}",
    ])
    func `names what keeps the controller out`(policy: String) async throws {
        let findings = try await findings([policy])
        #expect(findings.map(\.summary) == ["error Project demo NetworkPolicy p0"])
        #expect(findings.first?.message.hasPrefix("keeps the controller from port 9764 of agents; ") == true)
    }

    @Test func `knows whether there is another way`() async throws {
        #expect(try await findings([Self.closed], connection: "auto").map(\.state) == [.warning])
        #expect(try await findings([Self.closed], connection: "port-forward") == [])
    }

    @Test func `takes a server without them, and one that does not tell`() async throws {
        let patient = try Patient()
        #expect(try await check(patient).findings() == [])
        patient.forbid(Self.path)
        #expect(try await check(patient).findings().map(\.summary) == ["warning NetworkPolicies"])
    }
}
