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

    private func pod(_ plugins: RegisteredPlugin..., promotion: Promotion = PluginFixtures.promotion()) throws -> Pod {
        try AgentPodTemplate(image: "agent:1").pod(for: promotion, plugins: plugins, secret: secret)
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
            container.securityContext?.allowPrivilegeEscalation = true
            container.securityContext?.capabilities = Capabilities()
            container.securityContext?.capabilities?.drop = ["NET_RAW"]
            container.securityContext?.capabilities?.add = ["NET_BIND_SERVICE"]
        }
        .securityContext
        #expect(security?.allowPrivilegeEscalation == true)
        #expect(security?.capabilities?.drop == ["NET_RAW"])
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

    @Test func `restarts a sidecar whatever its author says`() throws {
        #expect(try sidecar { $0.restartPolicy = "Never" }.restartPolicy == "Always")
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
            kargo-extended.code.org/agent-nonce: 69d13525639785c95f4228e727f1dfa9
            kargo-extended.code.org/promotion-uid: uid-1
          ownerReferences:
          - {apiVersion: kargo.akuity.io/v1alpha1, kind: Promotion, name: test.01k.f00d, uid: uid-1,
             controller: true, blockOwnerDeletion: true}
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
          - {name: kargo-workdir, emptyDir: {}}
          - {name: kargo-step-plugin-auth, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
          - {name: kargo-agent, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
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
            - {name: kargo-step-plugin-auth, mountPath: /var/run/kargo, subPath: tokens}
            - {name: kargo-agent, mountPath: /run/kargo-agent}
        status: {}
        """
}
