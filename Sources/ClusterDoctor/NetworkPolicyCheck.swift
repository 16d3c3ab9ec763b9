import ArgoCompat
import KargoCore
import KubernetesClient

/// Looks for NetworkPolicies of Projects that keep the controller from the agents there.
///
/// What a cluster's network makes of them, and what else stands in the way, nobody can tell from here.
struct NetworkPolicyCheck {
    private static let resource = APIResource(
        group: "networking.k8s.io",
        plural: "networkpolicies",
        kind: "NetworkPolicy"
    )

    let api: any KubernetesAPI
    /// The controller's namespace.
    let namespace: String
    /// The labels of its Pods.
    let podLabels: [String: String]
    /// How it reaches agents.
    let connection: String
    let projects: [String]

    /// One for each Project whose agents are out of reach; none where the controller takes another way to them.
    func findings() async throws -> [Finding] {
        guard connection != "port-forward" else { return [] }
        let list: ObjectList
        switch try await Examination(.network, "NetworkPolicies", { try await api.list(Self.resource) }) {
        case .missing: return []
        case .refused(let finding): return [finding]
        case .found(let found): list = found
        }
        let policies = Dictionary(grouping: list.items) { $0.objectKey.namespace }
        let concerned = projects.filter { policies[$0] != nil }
        guard !concerned.isEmpty else { return [] }
        let labels = try await namespaceLabels()
        return concerned.compactMap { finding($0, policies[$0] ?? [], labels) }
    }

    /// The labels of the controller's namespace, as far as is known.
    private func namespaceLabels() async throws -> [String: String] {
        let usual = ["kubernetes.io/metadata.name": namespace]
        let examination = try await Examination(.network, "Namespace \(namespace)") {
            try await api.get(.namespaces, name: namespace)
        }
        guard case .found(let value) = examination else { return usual }
        let labels = value[path: "metadata", "labels"]?.objectValue ?? [:]
        return usual.merging(labels.compactMapValues(\.stringValue)) { $1 }
    }

    private func finding(_ project: String, _ policies: [JSONValue], _ labels: [String: String]) -> Finding? {
        // Those of agents; what the other one is nobody looks at.
        let agent = [KargoAPI.Label.promotionAgent: "true", KargoAPI.Label.promotion: "any"]
        let selecting = policies.filter { policy in
            let types = policy[path: "spec", "policyTypes"]?.arrayValue ?? ["Ingress"]
            return types.contains("Ingress") && selects(policy[path: "spec", "podSelector"] ?? [:], agent)
        }
        guard !selecting.isEmpty else { return nil }
        let rules = selecting.flatMap { $0[path: "spec", "ingress"]?.arrayValue ?? [] }
        guard !rules.contains(where: { admitsPort($0) && admitsController($0, labels, project) }) else { return nil }
        let names = selecting.compactMap { $0[path: "metadata", "name"]?.stringValue }.sorted()
        return Finding(
            connection == "direct" ? .error : .warning,
            .network,
            "Project \(project)",
            field: "NetworkPolicy \(names.joined(separator: ", "))",
            "keeps the controller from port \(AgentPodContract.agentPort) of agents; let it in as extended/deploy/project does, "
                + "or have it go through the API server (extended/deploy/components/port-forward)"
        )
    }

    private func admitsPort(_ rule: JSONValue) -> Bool {
        guard let ports = rule["ports"]?.arrayValue, !ports.isEmpty else { return true }
        return ports.contains { entry in
            guard entry["protocol"]?.stringValue ?? "TCP" == "TCP" else { return false }
            guard let port = entry["port"] else { return true }
            // By its name, which the agent's container may have.
            guard let first = port.intValue else { return true }
            return (first...max(first, entry["endPort"]?.intValue ?? first)).contains(Int64(AgentPodContract.agentPort))
        }
    }

    private func admitsController(_ rule: JSONValue, _ labels: [String: String], _ project: String) -> Bool {
        guard let peers = rule["from"]?.arrayValue, !peers.isEmpty else { return true }
        return peers.contains { peer in
            // Where its Pods will be nobody knows.
            if peer["ipBlock"] != nil { return true }
            let isThere = peer["namespaceSelector"].map { selects($0, labels) } ?? (namespace == project)
            return isThere && (peer["podSelector"].map { selects($0, podLabels) } ?? true)
        }
    }

    private func selects(_ selector: JSONValue, _ labels: [String: String]) -> Bool {
        guard let selector = try? JSONValueDecoder().decode(LabelSelector.self, from: selector) else { return false }
        return selector.matchLabels.allSatisfy { labels[$0.key] == $0.value }
            && selector.matchExpressions.allSatisfy { requirement in
                let value = labels[requirement.key]
                return switch requirement.operator {
                case "In": value.map(requirement.values.contains) ?? false
                case "NotIn": !(value.map(requirement.values.contains) ?? false)
                case "Exists": value != nil
                default: value == nil
                }
            }
    }
}
