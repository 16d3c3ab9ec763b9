import AgentPod
import ArgoCompat
import ExecutorRPC
import KargoCore
import StepPluginRegistry
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Manifests of extended/deploy")
struct DeployManifestTests {
    private static let root = (0..<4).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private static func documents(_ path: String) throws -> [JSONValue] {
        try JSONValue.documents(inYAML: text("extended/deploy/\(path)"))
    }

    private func document(_ path: String, _ kind: JSONValue, named name: JSONValue? = nil) throws -> JSONValue {
        try #require(
            try Self.documents(path)
                .first { $0["kind"] == kind && (name == nil || $0[path: "metadata", "name"] == name) }
        )
    }

    private func expressions(_ policy: JSONValue) -> [String] {
        (policy[path: "spec", "validations"]?.arrayValue ?? []).compactMap { $0["expression"]?.stringValue }
    }

    private func pod() throws -> Pod {
        var asking = PluginFixtures.plugin("asking", ports: [1]) { container in
            container.securityContext?.readOnlyRootFilesystem = true
            container.securityContext?.capabilities = Capabilities()
            container.securityContext?.capabilities?.add = ["NET_BIND_SERVICE"]
        }
        asking.plugin.spec.sidecar.automountServiceAccountToken = true
        return try AgentPodTemplate(image: "agent:1")
            .pod(
                for: PluginFixtures.promotion(),
                plugins: [asking, PluginFixtures.plugin(ports: [2])],
                secret: AgentSecret(key: [], namespace: "demo", pod: "pod", nonce: "nonce"),
                serviceAccount: "asking-step-plugin"
            )
    }

    /// Each rule, by a part of its text, and whether the Pods of this project keep it.
    @Test func `admit the Pods that this project makes`() throws {
        let pod = try pod()
        let containers = pod.spec.initContainers + pod.spec.containers
        let kept: [(rule: String, isKept: Bool)] = [
            // The namespace is the Promotion's, which a Project has labelled.
            ("namespaceObject.metadata.labels['\(KargoAPI.Label.project)'] == 'true'", true),
            (".name.startsWith('promotion-agent-')", pod.metadata.name.hasPrefix("promotion-agent-")),
            (
                "variables.labels['\(KargoAPI.Label.promotionAgent)'] == 'true'",
                pod.metadata.labels[KargoAPI.Label.promotionAgent] == "true"
            ),
            (
                "has(v.emptyDir) || (has(v.projected)",
                pod.spec.volumes.count == 5
                    && pod.spec.volumes.allSatisfy { volume in
                        volume.emptyDir != nil
                            || volume.projected?.sources
                                .allSatisfy {
                                    $0.serviceAccountToken != nil || $0.downwardAPI != nil
                                        || $0.configMap?.name == "kube-root-ca.crt"
                                } == true
                    }
            ),
            ("automountServiceAccountToken == false", pod.spec.automountServiceAccountToken == false),
            (".endsWith('\(StepPlugin.configMapSuffix)')", pod.spec.serviceAccountName == "asking-step-plugin"),
            (
                "object.spec.hostNetwork",
                !pod.spec.hostNetwork && !pod.spec.hostPID && !pod.spec.hostIPC
                    && pod.spec.shareProcessNamespace == false
            ),
            (
                "object.spec.ephemeralContainers.size() == 0",
                pod.spec.nodeName.isEmpty && pod.spec.ephemeralContainers.isEmpty
            ),
            (
                "!c.securityContext.allowPrivilegeEscalation",
                containers.allSatisfy {
                    $0.securityContext?.allowPrivilegeEscalation == false
                        && $0.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot == true
                }
            ),
            (
                "n in ['\(AgentPodContract.allowedCapability)']",
                containers.allSatisfy {
                    $0.securityContext?.privileged != true
                        && Set($0.securityContext?.capabilities?.add ?? [])
                            .isSubset(of: [AgentPodContract.allowedCapability])
                }
            ),
            ("p.hostPort == 0", containers.allSatisfy { $0.ports.allSatisfy { $0.hostPort == 0 } }),
        ]
        let policy = try document("admission-policy.yaml", "ValidatingAdmissionPolicy", named: "kargo-controller-pods")
        let expressions = expressions(policy)
        #expect(expressions.count == kept.count)
        for (expression, (rule, isKept)) in zip(expressions, kept) {
            #expect(expression.contains(rule))
            #expect(isKept, "\(rule)")
        }
    }

    @Test func `hold the account that the controller has`() throws {
        let account = try document("rbac.yaml", "ServiceAccount")
        let name = try #require(account[path: "metadata", "name"]?.stringValue)
        let namespace = try #require(account[path: "metadata", "namespace"]?.stringValue)
        let policies = try Self.documents("admission-policy.yaml")
            .filter { $0["kind"] == "ValidatingAdmissionPolicy" }
        #expect(policies.count == 5)
        for policy in policies {
            #expect(policy[path: "spec", "failurePolicy"] == "Fail")
            let conditions = policy[path: "spec", "matchConditions"]?.arrayValue ?? []
            #expect(
                conditions.map { $0["expression"] } == [
                    .string("request.userInfo.username == 'system:serviceaccount:\(namespace):\(name)'")
                ]
            )
            let binding = try document(
                "admission-policy.yaml",
                "ValidatingAdmissionPolicyBinding",
                named: policy[path: "metadata", "name"]
            )
            #expect(binding[path: "spec", "policyName"] == policy[path: "metadata", "name"])
            #expect(binding[path: "spec", "validationActions"] == ["Deny"])
        }
        let deployment = try document("deployment.yaml", "Deployment")
        #expect(deployment[path: "metadata", "namespace"] == .string(namespace))
        #expect(deployment[path: "spec", "template", "spec", "serviceAccountName"] == .string(name))
        for file in ["rbac.yaml", "project/role-binding.yaml"] {
            for binding in try Self.documents(file) where binding["subjects"] != nil {
                #expect(
                    binding["subjects"] == [
                        ["kind": "ServiceAccount", "name": .string(name), "namespace": .string(namespace)]
                    ]
                )
            }
        }
    }

    @Test func `hold the controller to the Namespaces of Projects, and to what it does with them`() throws {
        let file = "admission-policy.yaml"
        let namespaces = try document(file, "ValidatingAdmissionPolicy", named: "kargo-controller-namespaces")
        let rule = namespaces[path: "spec", "matchConstraints", "resourceRules"]?.arrayValue?.first
        #expect(rule?["operations"] == ["CREATE", "UPDATE", "DELETE"])
        #expect(rule?["resources"] == ["namespaces"])
        // A label that it could set itself would not keep it from anything.
        let variables = namespaces[path: "spec", "variables"]?.arrayValue ?? []
        #expect(
            variables.map { $0["expression"] } == [.string("request.operation == 'CREATE' ? object : oldObject")]
        )
        let rules = expressions(namespaces)
        #expect(
            rules.first?.contains("variables.subject.metadata.labels['\(KargoAPI.Label.project)'] == 'true'") == true
        )
        #expect(rules.contains { $0.contains("!k.startsWith('pod-security.kubernetes.io/')") })
        for field in ["labels", "annotations"] {
            let isKept = "object.metadata.\(field) == oldObject.metadata.\(field)"
            #expect(rules.contains { $0.contains("request.operation != 'UPDATE'") && $0.contains(isKept) })
            let project = try document(file, "ValidatingAdmissionPolicy", named: "kargo-controller-projects")
            #expect(expressions(project).contains { $0.contains(isKept) })
        }
    }

    @Test func `have a component for Kubernetes that has no such policies`() throws {
        let kinds = Set(try Self.documents("admission-policy.yaml").map { $0["kind"] })
        let component = try document("components/kubernetes-1.29/kustomization.yaml", "Component")
        let patches = component["patches"]?.arrayValue ?? []
        #expect(Set(patches.map { $0[path: "target", "kind"] }) == kinds)
        for patch in patches { #expect(patch["patch"]?.stringValue?.hasPrefix("$patch: delete\n") == true) }
    }

    @Test func `let only those forward ports that need it`() throws {
        #expect(try !rules().contains { $0.resources.contains("pods/portforward") })
        let patch = try JSONValue(yaml: Self.text("extended/deploy/components/port-forward/role.yaml"))
        #expect(patch.arrayValue?.count == 1)
        let rule = patch.arrayValue?.first?["value"]
        #expect(rule?["resources"] == ["pods/portforward"] && rule?["verbs"] == ["get", "create"])
        let outside = try document("components/outside/kustomization.yaml", "Component")
        #expect(outside["components"] == ["../port-forward"])
        // What it takes away is there under that name.
        let base = try ["deployment.yaml", "service.yaml", "rbac.yaml"].flatMap(Self.documents)
        for patch in outside["patches"]?.arrayValue ?? [] {
            let gone = try JSONValue(yaml: patch["patch"]?.stringValue ?? "")
            let name = gone[path: "metadata", "name"]
            let isThere = base.contains { $0["kind"] == gone["kind"] && $0[path: "metadata", "name"] == name }
            #expect(isThere || name == "kargo-pod-policy", "\(gone)")
        }
    }

    /// What finds the Pods of the Deployment, which have all these labels.
    private func podSelector() throws -> JSONValue {
        let deployment = try document("deployment.yaml", "Deployment")
        let selector = try #require(deployment[path: "spec", "selector", "matchLabels"]?.objectValue)
        let labels = deployment[path: "spec", "template", "metadata", "labels"]
        for (name, value) in selector { #expect(labels?[name] == value) }
        return .object(selector)
    }

    // MARK: Permissions

    @Test func `ask the controller how it is where it tells it`() throws {
        let deployment = try document("deployment.yaml", "Deployment")
        let container = try #require(
            deployment[path: "spec", "template", "spec", "containers"]?.arrayValue?.first
        )
        let address = (container["env"]?.arrayValue ?? []).first { $0["name"] == "METRICS_BIND_ADDRESS" }?["value"]
        let port = try #require(container["ports"]?.arrayValue?.first)
        #expect(address == ":9090" && port["containerPort"] == 9090)
        for (probe, path) in [("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")] as [(String, JSONValue)] {
            #expect(container[path: probe, "httpGet", "path"] == path)
            #expect(container[path: probe, "httpGet", "port"] == port["name"])
        }
        let service = try document("service.yaml", "Service")
        #expect(service[path: "spec", "ports"]?.arrayValue?.first?["targetPort"] == port["name"])
        #expect(try service[path: "spec", "selector"] == podSelector())
    }

    private struct Rule {
        var role: String
        var groups: [String]
        var resources: [String]
        var names: [String]
        var verbs: [String]
    }

    private func rules() throws -> [Rule] {
        func words(_ value: JSONValue?) -> [String] { (value?.arrayValue ?? []).compactMap(\.stringValue) }
        return try Self.documents("rbac.yaml")
            .flatMap { role in
                let title = "\(role["kind"]?.stringValue ?? "") \(role[path: "metadata", "name"]?.stringValue ?? "")"
                return (role["rules"]?.arrayValue ?? [])
                    .map { rule in
                        Rule(
                            role: title,
                            groups: words(rule["apiGroups"]),
                            resources: words(rule["resources"]),
                            names: words(rule["resourceNames"]),
                            verbs: words(rule["verbs"])
                        )
                    }
            }
    }

    @Test func `grant nothing by a wildcard, and nobody the permissions of others`() throws {
        let rules = try rules()
        #expect(!rules.isEmpty)
        for rule in rules {
            for word in rule.groups + rule.resources + rule.verbs {
                #expect(!["*", "bind", "escalate", "impersonate"].contains(word), "\(rule)")
            }
            #expect(!rule.resources.contains { $0.hasPrefix("pods/exec") || $0.hasPrefix("pods/attach") })
            #expect(!rule.groups.contains("rbac.authorization.k8s.io"))
        }
    }

    @Test func `let the controller write one Secret, and read others only where a binding says so`() throws {
        let secrets = try rules().filter { $0.resources.contains("secrets") }
        let reading: Set<String> = ["get", "list", "watch"]
        for rule in secrets where !reading.isSuperset(of: rule.verbs) {
            #expect(rule.role == "Role kargo-controller" && rule.verbs == ["create"], "\(rule)")
        }
        #expect(
            secrets.filter { $0.role == "Role kargo-controller" && $0.verbs != ["create"] }.map(\.names) == [
                ["kargo-agent-key"]
            ]
        )
        // Which Secret is made RBAC can't say.
        let policy = try document(
            "admission-policy.yaml",
            "ValidatingAdmissionPolicy",
            named: "kargo-controller-secrets"
        )
        #expect(
            expressions(policy).first
                == "object.metadata.namespace == 'kargo' && object.metadata.name == 'kargo-agent-key'"
        )
        #expect(
            policy[path: "spec", "matchConstraints", "resourceRules"]?.arrayValue?.first?["resources"] == ["secrets"]
        )
        // The role that is bound in the whole cluster reads none.
        #expect(!secrets.contains { $0.role == "ClusterRole kargo-controller" })
    }

    // MARK: The rest

    @Test func `keep everybody but the controller from the agent's port`() throws {
        let policy = try document("project/network-policy.yaml", "NetworkPolicy")
        #expect(
            policy[path: "spec", "podSelector", "matchLabels"] == .object([KargoAPI.Label.promotionAgent: "true"])
        )
        let ingress = policy[path: "spec", "ingress"]?.arrayValue ?? []
        #expect(ingress.count == 1)
        #expect(ingress.first?["ports"] == [["protocol": "TCP", "port": .int(Int64(AgentProtocol.port))]])
        #expect(
            try ingress.first?["from"]?.arrayValue?.first?[path: "podSelector", "matchLabels"] == podSelector()
        )
    }

    @Test func `run a controller that Pod Security lets in where it is strictest`() throws {
        let spec = try document("deployment.yaml", "Deployment")[path: "spec", "template", "spec"]
        #expect(spec?[path: "securityContext", "runAsNonRoot"] == true)
        #expect(spec?[path: "securityContext", "seccompProfile", "type"] == "RuntimeDefault")
        for container in spec?["containers"]?.arrayValue ?? [] {
            #expect(container[path: "securityContext", "allowPrivilegeEscalation"] == false)
            #expect(container[path: "securityContext", "capabilities"] == ["drop": ["ALL"]])
            #expect(container[path: "securityContext", "readOnlyRootFilesystem"] == true)
        }
    }

    @Test func `bring a Pod policy that can be read`() throws {
        #expect(try PodPolicy(text: Self.text("extended/deploy/pod-policy.yaml")).capabilities == [])
        let page = try Self.text("extended/docs-site/pod-policy.md")
        let example = try #require(page.split(separator: "```").first { $0.hasPrefix("yaml\n") })
        #expect(try PodPolicy(text: String(example.dropFirst("yaml\n".count))).secretRefs == .deny)
    }

    @Test func `bring all of Kargo's definitions`() throws {
        let folder = "Sources/ControlPlane/CRDs"
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.root.appending(path: folder).path)
        let list = try JSONValue(yaml: Self.text("\(folder)/kustomization.yaml"))["resources"]
        #expect(list == .array(files.filter { $0 != "kustomization.yaml" }.sorted().map(JSONValue.string)))
    }
}
