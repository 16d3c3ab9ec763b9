import AgentPod
import BuiltinSteps
import KargoCommands
import KargoCore
import KubernetesClient

/// Looks at the Deployment of the controller, and at what it says of agents.
struct ControllerCheck {
    /// What the other checks go by.
    struct Result {
        var findings: [Finding] = []
        /// Whether there is a Deployment.
        var isInCluster = false
        /// Whether its replicas agree on which of them works.
        var electsLeader = false
        /// The labels of its Pods.
        var podLabels: [String: String] = [:]
        /// How it reaches agents.
        var agentConnection = "auto"
        var systemNamespace = "kargo-system-resources"
        var sharedNamespace = "kargo-shared-resources"
        /// What agent Pods may; nil where it is not known.
        var policy: PodPolicy?
    }

    private static let name = "kargo-controller"

    let api: any KubernetesAPI
    let namespace: String

    private var object: String { "Deployment \(namespace)/\(Self.name)" }

    func result() async throws -> Result {
        var result = Result()
        let resource = APIResource(group: "apps", plural: "deployments", kind: "Deployment")
        let examination = try await Examination(.controller, object) {
            try await api.get(resource, namespace: namespace, name: Self.name)
        }
        switch examination {
        case .refused(let finding): result.findings.append(finding)
        case .missing:
            result.findings.append(
                warning(
                    "is not there, so it is not known how agent Pods are made; if the controller runs elsewhere, give "
                        + "its Pod policy with --pod-policy, else name its namespace with --controller-namespace or "
                        + "install it: \(Checkup.installation). One that runs elsewhere needs KARGO_AGENT_IMAGE and "
                        + "extended/deploy/components/outside"
                )
            )
        case .found(let deployment):
            result.isInCluster = true
            let labels = deployment[path: "spec", "template", "metadata", "labels"]?.objectValue ?? [:]
            result.podLabels = labels.compactMapValues(\.stringValue)
            try await readPod(deployment, &result)
            var scaling = [scale(deployment, electsLeader: result.electsLeader)]
            if let finding = strategy(deployment), !result.electsLeader { scaling.append(finding) }
            result.findings.insert(contentsOf: scaling, at: 0)
        }
        return result
    }

    // MARK: How many there are

    private func scale(_ deployment: JSONValue, electsLeader: Bool) -> Finding {
        let (replicas, field) = (deployment[path: "spec", "replicas"]?.intValue ?? 1, "spec.replicas")
        let available = deployment[path: "status", "availableReplicas"]?.intValue ?? 0
        if replicas == 0 { return error("is 0, so that nothing is promoted; set it to 1", field) }
        if replicas > 1, !electsLeader {
            return error(
                "is \(replicas), but two controllers would work on the same Promotions; set it to 1, or apply "
                    + "extended/deploy/components/replicas",
                field
            )
        }
        guard available < replicas else { return Finding(.ok, .controller, object, "is available") }
        let conditions = deployment[path: "status", "conditions"]?.arrayValue ?? []
        let reason = [("ReplicaFailure", "True"), ("Progressing", "False"), ("Available", "False")]
            .compactMap { type, status in
                conditions.first { $0["type"]?.stringValue == type && $0["status"]?.stringValue == status }
            }
            .compactMap { $0["message"]?.stringValue }
            .first
        return error(
            "is \(available)\(reason.map { ": \($0)" } ?? ""); look at its Pods: "
                + "kubectl -n \(namespace) describe deployment,pod",
            "status.availableReplicas"
        )
    }

    private func strategy(_ deployment: JSONValue) -> Finding? {
        guard let type = deployment[path: "spec", "strategy", "type"]?.stringValue, type != "Recreate" else {
            return nil
        }
        return warning(
            "is \(type), which lets two controllers work at the same time; set it to Recreate",
            "spec.strategy.type"
        )
    }

    // MARK: How it is set up

    private func readPod(_ deployment: JSONValue, _ result: inout Result) async throws {
        let template = deployment[path: "spec", "template", "spec"] ?? [:]
        let pod: PodSpec
        do {
            pod = try JSONValueDecoder().decode(PodSpec.self, from: template)
        } catch {
            result.findings.append(self.error("can't be read: \(error)", "spec.template.spec"))
            return
        }
        guard let container = pod.containers.first(where: { $0.name == Self.name }) ?? pod.containers.first else {
            result.findings.append(error("has no container", "spec.template.spec.containers"))
            return
        }
        let settings = PodSettings(api: api, namespace: namespace, pod: pod, container: container)
        let environment = try await settings.environment(&result.findings)
        if let name = environment["SYSTEM_RESOURCES_NAMESPACE"] { result.systemNamespace = name }
        if let name = environment["SHARED_RESOURCES_NAMESPACE"] { result.sharedNamespace = name }
        if let connection = environment["KARGO_AGENT_CONNECTION"] { result.agentConnection = connection }
        result.electsLeader = environment["KARGO_LEADER_ELECTION"].flatMap { GoNumber.parseBool($0) } ?? false
        result.findings += images(container.image, agent: environment["KARGO_AGENT_IMAGE"])
        result.policy = try await settings.policy(environment["KARGO_POD_POLICY_FILE"], &result.findings)
    }

    private func images(_ controller: String, agent: String?) -> [Finding] {
        var own: OCIReference?
        do {
            own = try reference(controller)
        } catch {
            return [self.error("\(error); name the image of this project", "image")]
        }
        guard let agent else {
            return [Finding(.ok, .controller, object, field: "image", "agents run the controller's own, \(controller)")]
        }
        let field = "KARGO_AGENT_IMAGE"
        do {
            let image = try reference(agent)
            guard image.versionText != own?.versionText else {
                return [Finding(.ok, .controller, object, field: field, "agents run \(agent)")]
            }
            return [
                warning(
                    "is \(agent) while the controller is \(controller), and the two have to understand each other; "
                        + "take the same release, or remove the variable so that agents run the controller's own",
                    field
                )
            ]
        } catch {
            return [self.error("\(error); name an image, or remove the variable", field)]
        }
    }

    private func reference(_ text: String) throws -> OCIReference {
        let reference = try OCIReference(text)
        if reference.isChart { throw CommandError("the reference \"\(text)\" is that of a chart") }
        return reference
    }

    private func error(_ message: String, _ field: String = "") -> Finding {
        Finding(.error, .controller, object, field: field, message)
    }

    private func warning(_ message: String, _ field: String = "") -> Finding {
        Finding(.warning, .controller, object, field: field, message)
    }
}
