import AgentPod
import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Looks at a cluster for what the controller needs there.
struct Checkup: Sendable {
    /// The remedy for whatever the manifests of this project bring.
    static let installation = "kubectl apply -k extended/deploy --server-side"

    let api: any KubernetesAPI
    /// The namespace of the controller.
    var namespace = "kargo"
    /// Whose permissions are looked at; nil for the caller's own.
    var account: Account?
    /// The Projects that are looked at; empty for all.
    var projects: [String] = []
    /// What agent Pods may; nil for what the controller's Deployment says.
    var policy: PodPolicy?
    /// The time now.
    var now: @Sendable () -> Date = { Date() }

    /// Looks at everything that can be reached.
    func run() async throws -> CheckupReport {
        var report = CheckupReport()
        do {
            try await run(&report.findings)
        } catch let error as KubernetesError where error.code == .unreachable {
            let remedy =
                "see that the kubeconfig names the right server and that the network leads there; a local cluster is "
                + "started with \"kargo local up\""
            report.findings.append(Finding(.error, .server, "API server", "can't be reached: \(error); \(remedy)"))
            report.isReachable = false
        }
        return report
    }

    private func run(_ findings: inout [Finding]) async throws {
        guard try await checkServer(&findings) else { return }
        findings += try await DefinitionCheck(api: api).findings()
        let controller = try await ControllerCheck(api: api, namespace: namespace).result()
        findings += controller.findings
        let isPlain = controller.isInCluster && !controller.electsLeader
        findings += try await LeaseCheck(api: api, namespace: namespace, now: now, isPlain: isPlain).findings()
        let projects = try await findProjects(&findings)
        let permissions = PermissionCheck(
            api: api,
            account: account,
            namespace: controller.isInCluster || account?.namespace != nil ? namespace : nil,
            sharedNamespace: controller.sharedNamespace,
            systemNamespace: controller.systemNamespace,
            projects: projects,
            forwarding: forwarding(controller),
            electsLeader: controller.electsLeader
        )
        findings += try await permissions.findings()
        if let account, account.namespace != nil {
            findings += try await AdmissionCheck(
                api: api,
                account: account.user,
                isExpected: controller.isInCluster
            )
            .findings()
        }
        if controller.isInCluster {
            let network = NetworkPolicyCheck(
                api: api,
                namespace: namespace,
                podLabels: controller.podLabels,
                connection: controller.agentConnection,
                projects: projects
            )
            findings += try await network.findings()
        }
        let plugins = PluginCheck(
            api: api,
            systemNamespace: controller.systemNamespace,
            projects: projects,
            policy: policy ?? controller.policy ?? PodPolicy()
        )
        findings += try await plugins.findings()
    }

    /// What it is if agents can't be reached through the API server; nil where that is not needed.
    private func forwarding(_ controller: ControllerCheck.Result) -> Finding.State? {
        guard controller.isInCluster else { return .warning }
        return switch controller.agentConnection {
        case "direct": nil
        case "port-forward": .error
        default: .warning
        }
    }

    /// Whether there is a server that can be asked for more.
    private func checkServer(_ findings: inout [Finding]) async throws -> Bool {
        let (name, oldest) = ("API server", SidecarSupport.oldest)
        switch try await Examination(.server, name, { try await api.serverVersion() }) {
        case .missing:
            findings.append(
                Finding(.error, .server, name, "has no /version; see that the kubeconfig names a Kubernetes API server")
            )
            return false
        case .refused(let finding):
            findings.append(finding)
            return finding.state != .error
        case .found(nil):
            findings.append(
                Finding(.warning, .server, name, "says no version; see that it is Kubernetes \(oldest) or newer")
            )
        case .found(let version?) where version < oldest:
            let remedy = "upgrade it, or set STEP_PLUGINS_ENABLED=false on the controller"
            findings.append(
                Finding(
                    .error,
                    .server,
                    name,
                    "is Kubernetes \(version), but plugins need \(oldest) or newer; \(remedy)"
                )
            )
        case .found(let version?): findings.append(Finding(.ok, .server, name, "Kubernetes \(version)"))
        }
        return true
    }

    private func findProjects(_ findings: inout [Finding]) async throws -> [String] {
        guard projects.isEmpty else { return projects }
        switch try await Examination(.permission, "Projects", { try await api.list(.projects) }) {
        // Without the definition, of which something is said already.
        case .missing: return []
        case .refused(let finding):
            findings.append(finding)
            return []
        case .found(let list): return list.items.compactMap { $0[path: "metadata", "name"]?.stringValue }.sorted()
        }
    }
}
