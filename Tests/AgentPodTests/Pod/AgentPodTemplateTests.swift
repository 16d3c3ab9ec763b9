import AgentPod
import ArgoCompat
import KargoCore
import StepPluginRegistry
import Testing

@Suite("Agent Pod")
struct AgentPodTemplateTests {
    private let secret = AgentSecret(
        key: Array("key".utf8),
        namespace: "demo",
        pod: "promotion-agent-uid-1",
        nonce: "69d13525639785c95f4228e727f1dfa9"
    )

    private func pod(
        _ plugins: RegisteredPlugin...,
        promotion: Promotion = PluginFixtures.promotion(),
        policy: String = "",
        serviceAccount: String? = nil
    ) throws -> Pod {
        try AgentPodTemplate(image: "agent:1", policy: PodPolicy(text: policy))
            .pod(for: promotion, plugins: plugins, secret: secret, serviceAccount: serviceAccount)
    }

    private func sidecar(_ change: (inout Container) -> Void) throws -> Container {
        let pod = try pod(PluginFixtures.plugin(change: change))
        return try #require(pod.spec.initContainers.last)
    }

    @Test func `is this one for the plugin of the quick start`() throws {
        let plugin = PluginFixtures.plugin("mkdir") { container in
            container.image = "python:alpine3.23"
            container.command = ["python", "-u", "-c"]
            container.args = ["print()"]
            container.securityContext?.runAsNonRoot = true
            container.securityContext?.runAsUser = 65534
        }
        let expected = AgentPodTemplateTests.expected.replacing("DIGEST", with: secret.digest)
        #expect(try JSONValueEncoder().encode(pod(plugin)) == JSONValue(yaml: expected))
    }

    @Test(arguments: [(nil, 65534), (1000, 1000)] as [(Int64?, Int64)])
    func `tells the agent the user that a plugin's container got`(own: Int64?, told: Int64) throws {
        let plugin = PluginFixtures.plugin { $0.securityContext?.runAsUser = own }
        let pod = try pod(plugin, policy: "defaultRunAsUser: 65534")
        #expect(pod.spec.initContainers.last?.securityContext?.runAsUser == told)
        let targets = pod.spec.containers.first?.env.first { $0.name == "KARGO_STEP_PLUGIN_TARGETS" }
        let target = try JSONValue(parsing: targets?.value ?? "").objectValue?.values.first
        #expect(target?["runAsUser"] == .int(told))
    }

    @Test func `tells the agent alone what the operator has set`() throws {
        let settings = ["MAX_OCI_DOWNLOAD_SIZE": "-1", "GIT_PUSH_INTEGRATION_POLICY": "RebaseOrFail"]
        let pod = try AgentPodTemplate(image: "agent:1", settings: settings)
            .pod(for: PluginFixtures.promotion(), plugins: [PluginFixtures.plugin()], secret: secret)
        let expected = settings.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let told = pod.spec.containers.first?.env.suffix(2).map { "\($0.name)=\($0.value)" }
        #expect(told == expected)
        #expect(!pod.spec.initContainers.flatMap(\.env).contains { settings.keys.contains($0.name) })
    }

    @Test func `lists plugins by name whatever order they come in`() throws {
        let pod = try pod(
            PluginFixtures.plugin("b", ports: [2], kinds: ["b2", "b1"]),
            PluginFixtures.plugin("a", ports: [1])
        )
        #expect(
            pod.spec.initContainers.map(\.name) == ["step-plugin-token-init", "a-step-plugin", "b-step-plugin"]
        )
        #expect(pod.spec.initContainers.first?.env.first?.value == "a-step-plugin,b-step-plugin")
        let targets = pod.spec.containers.first?.env.first { $0.name == "KARGO_STEP_PLUGIN_TARGETS" }
        #expect(
            try JSONValue(parsing: targets?.value ?? "") == [
                "a": ["address": "http://localhost:1", "containerName": "a-step-plugin"],
                "b1": ["address": "http://localhost:2", "containerName": "b-step-plugin"],
                "b2": ["address": "http://localhost:2", "containerName": "b-step-plugin"],
            ]
        )
    }

    @Test func `needs no plugin`() throws {
        let pod = try pod()
        #expect(pod.spec.initContainers.map(\.name) == ["step-plugin-token-init"])
        #expect(pod.spec.containers.map(\.name) == ["promotion-agent"])
    }

    @Test func `has a label that Kubernetes takes for a Promotion of any name`() throws {
        let name = String(repeating: "a", count: 200) + ".01k.f00d"
        let pod = try pod(promotion: PluginFixtures.promotion(name))
        let label = try #require(pod.metadata.labels["kargo-extended.code.org/promotion"])
        #expect(label.utf8.count <= 63)
        #expect(pod.metadata.ownerReferences.map(\.name) == [name])
    }

    @Test func `keeps no token`() throws {
        #expect(try !JSONValueEncoder().encode(pod()).text().contains(secret.token))
    }

    @Test func `is the same whatever order plugins come in`() throws {
        let plugins = ["c", "a", "b"].enumerated()
            .map { PluginFixtures.plugin($0.element, ports: [Int32($0.offset + 1)]) }
        let one = try pod(plugins[0], plugins[1], plugins[2])
        let other = try pod(plugins[2], plugins[0], plugins[1])
        #expect(try JSONValueEncoder().encode(one).text() == JSONValueEncoder().encode(other).text())
    }

    // MARK: Policy

    @Test func `has what the operator gives`() throws {
        let policy = """
            workspaceSize: 1Gi
            annotations: {cluster-autoscaler.kubernetes.io/safe-to-evict: "true", team: a}
            labels: {team: b}
            agentResources: {requests: {cpu: 1}, limits: {cpu: 2, memory: 1Gi}}
            pullSecrets: {demo: [own, shared], "*": [shared, all], other: [not-ours]}
            defaultRunAsUser: 1000
            """
        let plugin = PluginFixtures.plugin { $0.securityContext?.readOnlyRootFilesystem = true }
        let pod = try pod(plugin, policy: policy)
        #expect(pod.spec.volumes.first?.emptyDir?.sizeLimit?.description == "1Gi")
        #expect(pod.metadata.annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "true")
        #expect(pod.metadata.annotations["karpenter.sh/do-not-disrupt"] == "true")
        #expect(pod.metadata.annotations["team"] == "a")
        #expect(pod.metadata.labels["team"] == "b")
        #expect(pod.metadata.labels["kargo-extended.code.org/promotion-agent"] == "true")
        #expect(pod.spec.imagePullSecrets.map(\.name) == ["all", "own", "shared"])
        for container in [pod.spec.initContainers.first, pod.spec.containers.first] {
            #expect(container?.resources.limits["memory"]?.description == "1Gi")
        }
        #expect(pod.spec.initContainers.last?.securityContext?.runAsUser == 1000)
    }

    @Test func `leaves users and groups to a platform that wants to choose them`() throws {
        let pod = try pod(PluginFixtures.plugin(), policy: "securityContext: platform")
        #expect(pod.spec.securityContext?.fsGroup == nil && pod.spec.securityContext?.fsGroupChangePolicy == nil)
        #expect(pod.spec.securityContext?.runAsNonRoot == true)
        for container in pod.spec.initContainers + pod.spec.containers {
            #expect(container.securityContext?.runAsUser == nil && container.securityContext?.runAsGroup == nil)
            #expect(container.securityContext?.allowPrivilegeEscalation == false)
        }
    }

    // MARK: Service account

    @Test func `mounts a token into the sidecar that asks for one, and into no other`() throws {
        var asking = PluginFixtures.plugin("asking", ports: [1])
        asking.plugin.spec.sidecar.automountServiceAccountToken = true
        let pod = try pod(asking, PluginFixtures.plugin("silent", ports: [2]), serviceAccount: "asking-step-plugin")
        #expect(pod.spec.serviceAccountName == "asking-step-plugin")
        #expect(pod.spec.automountServiceAccountToken == false)
        let places = (pod.spec.initContainers + pod.spec.containers)
            .filter { $0.volumeMounts.contains { $0.name == "kargo-service-account" } }
        #expect(places.map(\.name) == ["asking-step-plugin"])
        let mount = try #require(places.first?.volumeMounts.last)
        #expect(mount.mountPath == "/var/run/secrets/kubernetes.io/serviceaccount" && mount.readOnly)
        #expect(
            try JSONValueEncoder().encode(pod.spec.volumes.last)
                == JSONValue(
                    yaml: """
                        name: kargo-service-account
                        projected:
                          defaultMode: 420
                          sources:
                          - serviceAccountToken: {expirationSeconds: 3607, path: token}
                          - configMap: {name: kube-root-ca.crt, items: [{key: ca.crt, path: ca.crt}]}
                          - downwardAPI:
                              items: [{path: namespace, fieldRef: {apiVersion: v1, fieldPath: metadata.namespace}}]
                        """
                )
        )
        #expect(
            pod.metadata.annotations["eks.amazonaws.com/skip-containers"]
                == "step-plugin-token-init,promotion-agent,silent-step-plugin"
        )
    }

    @Test func `has no service account of its own where nobody asks`() throws {
        let pod = try pod(PluginFixtures.plugin())
        #expect(pod.spec.serviceAccountName.isEmpty)
        #expect(pod.spec.volumes.allSatisfy { $0.emptyDir != nil })
    }

    // MARK: Sidecars

    @Test func `grants a sidecar nothing that its author did not ask for`() throws {
        let security = try sidecar { $0.securityContext = nil }.securityContext
        #expect(security?.allowPrivilegeEscalation == false)
        #expect(security?.capabilities?.drop == ["ALL"])
        #expect(security?.runAsUser == nil)
        #expect(security?.readOnlyRootFilesystem == nil)
    }

    @Test func `keeps what the author says of privileges`() throws {
        let security = try sidecar { container in
            container.securityContext?.runAsUser = 7
            container.securityContext?.runAsGroup = 0
            container.securityContext?.capabilities = Capabilities()
            container.securityContext?.capabilities?.drop = ["NET_RAW", "ALL"]
            container.securityContext?.capabilities?.add = ["NET_BIND_SERVICE"]
        }
        .securityContext
        #expect(security?.runAsUser == 7 && security?.runAsGroup == 0)
        #expect(security?.capabilities?.drop == ["NET_RAW", "ALL"])
        #expect(security?.capabilities?.add == ["NET_BIND_SERVICE"])
    }

    @Test func `drops capabilities also where the author only adds some`() throws {
        let capabilities = try sidecar { container in
            container.securityContext?.capabilities = Capabilities()
            container.securityContext?.capabilities?.add = ["NET_BIND_SERVICE"]
        }
        .securityContext?
        .capabilities
        #expect(capabilities?.drop == ["ALL"])
        #expect(capabilities?.add == ["NET_BIND_SERVICE"])
    }

    @Test(arguments: [nil, "", "Always"] as [String?])
    func `restarts a sidecar also where its author is silent`(policy: String?) throws {
        #expect(try sidecar { $0.restartPolicy = policy }.restartPolicy == "Always")
    }

    @Test func `gives a sidecar that can write nowhere a place for temporary files`() throws {
        let mounts = try sidecar { $0.securityContext?.readOnlyRootFilesystem = true }.volumeMounts
        #expect(mounts.last?.name == "kargo-workdir" && mounts.last?.mountPath == "/tmp")
        #expect(mounts.last?.subPath == "sidecar-tmp/probe-step-plugin" && mounts.last?.readOnly == false)
        #expect(try sidecar { _ in }.volumeMounts.allSatisfy { $0.mountPath != "/tmp" })
    }

    @Test func `keeps the author's settings of git and of messages`() throws {
        let container = try sidecar { container in
            var variable = EnvVar()
            variable.name = "GIT_CONFIG_COUNT"
            variable.value = "0"
            container.env = [variable]
            container.terminationMessagePolicy = "File"
        }
        #expect(container.env.map(\.name) == ["GIT_CONFIG_COUNT"])
        #expect(container.terminationMessagePolicy == "File")
    }

    @Test func `takes its own two mounts spelled out for the ones that it gives anyway`() throws {
        let plain = try sidecar { _ in }
        let spelled = try sidecar { container in
            container.volumeMounts = [
                PluginFixtures.mount("kargo-workdir", at: "/workspace"),
                PluginFixtures.mount("kargo-step-plugin-auth", at: "/var/run/kargo", subPath: "probe-step-plugin"),
            ]
        }
        #expect(spelled.volumeMounts == plain.volumeMounts)
        #expect(plain.volumeMounts.map(\.subPath) == ["workspace", "git", "tokens/probe-step-plugin"])
        #expect(plain.volumeMounts.map(\.readOnly) == [false, true, true])
    }

    @Test func `lets a plugin ask for less`() throws {
        let container = try sidecar { container in
            container.volumeMounts = [PluginFixtures.mount("kargo-workdir", at: "/workspace", readOnly: true)]
        }
        #expect(container.volumeMounts.map(\.readOnly) == [true, true, true])
    }

    /// The Pod with the plugin's container as its author wrote it, and everything that is added to it.
    private static let expected = """
        apiVersion: v1
        kind: Pod
        metadata:
          name: promotion-agent-uid-1
          namespace: demo
          labels:
            kargo-extended.code.org/promotion-agent: "true"
            kargo-extended.code.org/promotion: test.01k.f00d
          annotations:
            kubectl.kubernetes.io/default-container: promotion-agent
            cluster-autoscaler.kubernetes.io/safe-to-evict: "false"
            karpenter.sh/do-not-disrupt: "true"
            eks.amazonaws.com/skip-containers: step-plugin-token-init,promotion-agent,mkdir-step-plugin
            azure.workload.identity/skip-containers: step-plugin-token-init;promotion-agent;mkdir-step-plugin
            kargo-extended.code.org/agent-nonce: 69d13525639785c95f4228e727f1dfa9
            kargo-extended.code.org/promotion-uid: uid-1
          ownerReferences:
          - {apiVersion: kargo.akuity.io/v1alpha1, kind: Promotion, name: test.01k.f00d, uid: uid-1,
             controller: true}
        spec:
          automountServiceAccountToken: false
          enableServiceLinks: false
          shareProcessNamespace: false
          restartPolicy: OnFailure
          terminationGracePeriodSeconds: 10
          securityContext:
            runAsNonRoot: true
            fsGroup: 65532
            fsGroupChangePolicy: OnRootMismatch
            seccompProfile: {type: RuntimeDefault}
          volumes:
          - {name: kargo-workdir, emptyDir: {sizeLimit: 10Gi}}
          - {name: kargo-step-plugin-auth, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
          - {name: kargo-agent, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
          - {name: kargo-git-secrets, emptyDir: {medium: Memory, sizeLimit: 16Mi}}
          initContainers:
          - name: step-plugin-token-init
            image: agent:1
            imagePullPolicy: IfNotPresent
            command: [/kargo-agent, init]
            env:
            - {name: KARGO_SIDECARS, value: mkdir-step-plugin}
            terminationMessagePolicy: File
            resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 512Mi}}
            securityContext:
              allowPrivilegeEscalation: false
              capabilities: {drop: [ALL]}
              readOnlyRootFilesystem: true
              runAsNonRoot: true
              runAsUser: 65532
              runAsGroup: 65532
            volumeMounts:
            - {name: kargo-workdir, mountPath: /vol}
            - {name: kargo-step-plugin-auth, mountPath: /auth}
            - {name: kargo-agent, mountPath: /run/kargo-agent}
          - name: mkdir-step-plugin
            image: python:alpine3.23
            command: [python, -u, -c]
            args: ["print()"]
            restartPolicy: Always
            ports:
            - {containerPort: 9765}
            resources: {}
            terminationMessagePolicy: FallbackToLogsOnError
            env:
            - {name: GIT_CONFIG_COUNT, value: "1"}
            - {name: GIT_CONFIG_KEY_0, value: safe.directory}
            - {name: GIT_CONFIG_VALUE_0, value: "*"}
            securityContext:
              runAsNonRoot: true
              runAsUser: 65534
              allowPrivilegeEscalation: false
              capabilities: {drop: [ALL]}
            volumeMounts:
            - {name: kargo-workdir, mountPath: /workspace, subPath: workspace}
            - {name: kargo-workdir, mountPath: /var/lib/kargo/git, subPath: git, readOnly: true}
            - {name: kargo-step-plugin-auth, mountPath: /var/run/kargo, subPath: tokens/mkdir-step-plugin,
               readOnly: true}
          containers:
          - name: promotion-agent
            image: agent:1
            imagePullPolicy: IfNotPresent
            command: [/kargo-agent, run]
            ports:
            - {containerPort: 9764}
            terminationMessagePolicy: FallbackToLogsOnError
            env:
            - {name: HOME, value: /tmp}
            - {name: KARGO_AGENT_LISTEN, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
            - {name: KARGO_AGENT_TOKEN_SHA256, value: "DIGEST"}
            - name: KARGO_STEP_PLUGIN_TARGETS
              value: '{"mkdir":{"address":"http://localhost:9765","containerName":"mkdir-step-plugin","runAsUser":65534}}'
            - {name: KARGO_AGENT_USER, value: "65532"}
            resources: {requests: {cpu: 50m, memory: 64Mi}, limits: {memory: 512Mi}}
            securityContext:
              allowPrivilegeEscalation: false
              capabilities: {drop: [ALL]}
              readOnlyRootFilesystem: true
              runAsNonRoot: true
              runAsUser: 65532
              runAsGroup: 65532
            volumeMounts:
            - {name: kargo-workdir, mountPath: /workspace, subPath: workspace}
            - {name: kargo-workdir, mountPath: /var/lib/kargo/git, subPath: git}
            - {name: kargo-workdir, mountPath: /tmp, subPath: tmp}
            - {name: kargo-git-secrets, mountPath: /tmp/git}
            - {name: kargo-step-plugin-auth, mountPath: /var/run/kargo, subPath: tokens}
            - {name: kargo-agent, mountPath: /run/kargo-agent}
        status: {}
        """
}
