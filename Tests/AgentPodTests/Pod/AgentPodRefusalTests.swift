import AgentPod
import ArgoCompat
import KargoCore
import StepPluginRegistry
import Testing

@Suite("Refusals of an agent Pod")
struct AgentPodRefusalTests {
    private func pod(_ plugins: [RegisteredPlugin], _ policy: PodPolicy = PodPolicy()) throws -> Pod {
        try AgentPodTemplate(image: "agent:1", policy: policy)
            .pod(
                for: PluginFixtures.promotion(),
                plugins: plugins,
                secret: AgentSecret(key: [], namespace: "demo", pod: "pod", nonce: "nonce")
            )
    }

    private func refusal(_ plugins: RegisteredPlugin..., policy: PodPolicy = PodPolicy()) throws -> String {
        try #require(throws: AgentPodTemplate.Refusal.self) { try pod(plugins, policy) }.description
    }

    private static func security(_ change: (inout SecurityContext) -> Void) -> RegisteredPlugin {
        PluginFixtures.plugin { container in
            var security = SecurityContext()
            change(&security)
            container.securityContext = security
        }
    }

    private static let root = security { $0.runAsUser = 0 }

    @Test(arguments: ["promotion-agent", "step-plugin-token-init"])
    func `a container may not be called as the agent's own`(name: String) throws {
        #expect(
            try refusal(PluginFixtures.plugin(container: name))
                == "plugin \"probe\" in namespace demo, container \"\(name)\": name: \"\(name)\" is what the agent's "
                + "own container is called; rename it"
        )
    }

    @Test(arguments: [[9764], [9765, 9764]] as [[Int32]])
    func `a plugin may not listen on the agent's port`(ports: [Int32]) throws {
        #expect(try refusal(PluginFixtures.plugin(ports: ports)).hasSuffix("9764 is the agent's port; use another one"))
    }

    @Test func `two plugins may not call their containers the same`() throws {
        #expect(
            try refusal(
                PluginFixtures.plugin("b", namespace: "system", container: "same", ports: [2]),
                PluginFixtures.plugin("a", container: "same", ports: [1])
            )
                == "plugin \"b\" in namespace system and plugin \"a\" in namespace demo both call their container "
                + "\"same\"; rename one of them"
        )
    }

    @Test func `two plugins may not listen on the same port`() throws {
        #expect(
            try refusal(
                PluginFixtures.plugin("b", namespace: "system", ports: [8000, 9765]),
                PluginFixtures.plugin("a", ports: [9765])
            )
                == "plugin \"b\" in namespace system and plugin \"a\" in namespace demo both listen on port 9765, and "
                + "all containers of a Pod share their ports; change one of them"
        )
    }

    @Test func `a plugin may name its port twice`() throws {
        _ = try pod([PluginFixtures.plugin(ports: [9765, 9765])])
    }

    @Test func `a plugin may mount nothing but its own`() throws {
        let mount = PluginFixtures.mount("kargo-step-plugin-auth", at: "/var/run/kargo")
        #expect(
            try refusal(PluginFixtures.plugin { $0.volumeMounts = [mount] })
                == "plugin \"probe\" in namespace demo, container \"probe-step-plugin\": volumeMounts[0]: mounts "
                + "volume \"kargo-step-plugin-auth\" at /var/run/kargo; a plugin gets /workspace and its own token in "
                + "/var/run/kargo, and may mount nothing else"
        )
    }

    @Test func `what no policy permits is refused whatever the policy`() throws {
        var policy = PodPolicy()
        policy.allowRoot = true
        policy.capabilities = ["ALL"]
        #expect(
            try refusal(Self.security { $0.privileged = true }, policy: policy)
                == "plugin \"probe\" in namespace demo, container \"probe-step-plugin\": securityContext.privileged: "
                + "would be the node's root; remove it"
        )
    }

    @Test func `a field that no container has never reaches the Pod`() throws {
        var map = ConfigMap()
        map.metadata.name = "probe-step-plugin"
        map.metadata.labels = [StepPlugin.configMapLabel: StepPlugin.kind]
        map.data["sidecar.container"] = """
            name: probe-step-plugin
            image: probe:1
            ports: [{containerPort: 9765}]
            resources: {requests: {cpu: 1}, limits: {cpu: 1}}
            hostAccess: everything
            securityContext: {runAsUser: 1, becomesRoot: true}
            """
        map.data["steps.yaml"] = "[{kind: probe}]"
        let (plugin, warnings) = try StepPlugin.reading(map)
        #expect(warnings.count == 2)
        let text = try JSONValueEncoder()
            .encode(pod([RegisteredPlugin(plugin: plugin, namespace: "demo", digest: "")])).text()
        #expect(text.contains("probe:1"))
        #expect(!text.contains("hostAccess") && !text.contains("becomesRoot"))
    }

    // MARK: What a policy permits

    @Test func `root needs the operator`() throws {
        #expect(
            try refusal(Self.root)
                == "plugin \"probe\" in namespace demo, container \"probe-step-plugin\": securityContext.runAsUser: is "
                + "root; use a number other than 0, or have the operator permit it (allowRoot of the Pod policy)"
        )
        var policy = PodPolicy()
        policy.allowRoot = true
        let pod = try pod(
            [Self.root, PluginFixtures.plugin("other", ports: [1]), PluginFixtures.plugin("third", ports: [2])],
            policy
        )
        // Not for the others: each of them says itself that it is none.
        #expect(pod.spec.securityContext?.runAsNonRoot == nil)
        let containers = pod.spec.initContainers + pod.spec.containers
        for container in containers where container.name != "probe-step-plugin" {
            #expect(container.securityContext?.runAsNonRoot == true, "\(container.name)")
        }
        let root = try #require(containers.first { $0.name == "probe-step-plugin" }?.securityContext)
        #expect(root.runAsUser == 0 && root.runAsNonRoot == nil)
        #expect(root.allowPrivilegeEscalation == false && root.capabilities?.drop == ["ALL"])
    }

    @Test func `an image that may be root is one that is not told to be no root`() throws {
        var policy = PodPolicy()
        policy.allowRoot = true
        policy.defaultRunAsUser = 1000
        let pod = try pod([Self.security { $0.runAsNonRoot = false }], policy)
        #expect(pod.spec.securityContext?.runAsNonRoot == nil)
        #expect(pod.spec.initContainers.last?.securityContext?.runAsUser == nil)
    }

    @Test func `a capability needs the operator`() throws {
        let plugin = Self.security { security in
            security.capabilities = Capabilities()
            security.capabilities?.add = ["NET_BIND_SERVICE", "CHOWN"]
        }
        #expect(
            try refusal(plugin)
                .hasSuffix(
                    "securityContext.capabilities.add[1]: \"CHOWN\" is not for sidecars; remove it, or have the "
                        + "operator permit it (capabilities of the Pod policy)"
                )
        )
        for capabilities in [["CHOWN"], ["ALL"]] {
            var policy = PodPolicy()
            policy.capabilities = capabilities
            let given = try pod([plugin], policy).spec.initContainers.last?.securityContext?.capabilities
            #expect(given?.add == ["NET_BIND_SERVICE", "CHOWN"])
            #expect(given?.drop == ["ALL"])
        }
    }

    @Test func `Secrets may be forbidden`() throws {
        var source = EnvFromSource()
        source.secretRef = SecretEnvSource()
        source.secretRef?.name = "s"
        let plugin = PluginFixtures.plugin { [source] in $0.envFrom = [source] }
        _ = try pod([plugin])
        var policy = PodPolicy()
        policy.secretRefs = .deny
        #expect(
            try refusal(plugin, policy: policy)
                .hasSuffix(
                    "envFrom[0].secretRef: reads Secret \"s\"; give the step what it needs in its configuration, or "
                        + "have the operator permit it (secretRefs of the Pod policy)"
                )
        )
    }
}
