import ArgoCompat
import ExecutorRPC
public import KargoCore
public import StepPluginRegistry

/// Makes the Pod in which the steps of a Promotion run.
///
/// The agent is the one main container and runs the builtin steps; each plugin that the Promotion uses is a native
/// sidecar; an init container makes the directories and the tokens. The Pod satisfies the Pod Security Standard
/// `restricted` unless a plugin asks for more.
public struct AgentPodTemplate: Sendable, Hashable {
    /// A plugin that can't run in an agent Pod.
    public struct Refusal: Error, Hashable, CustomStringConvertible {
        /// The plugin, the field and what it must be.
        public let description: String
    }

    /// The name of the main container.
    public static let agentContainer = "promotion-agent"
    /// The name of the init container.
    public static let initContainer = "step-plugin-token-init"
    /// The user and group of the agent; the group is also that of all files in the work directory.
    static let agentUser: Int64 = 65532

    enum VolumeName {
        static let workDirectory = "kargo-workdir"
        static let tokens = "kargo-step-plugin-auth"
        static let agent = "kargo-agent"
    }

    /// The image of the agent.
    public var image: String

    /// Makes a template.
    ///
    /// - Parameter image: The image of the agent, in which `/kargo-agent` is.
    public init(image: String) {
        self.image = image
    }

    /// The name of a Promotion's Pod.
    public static func name(promotionUID: String) -> String { "promotion-agent-\(promotionUID)" }

    /// Makes the Pod.
    ///
    /// - Parameters:
    ///   - promotion: The Promotion.
    ///   - plugins: The plugins that it uses.
    ///   - secret: What the bearer token is derived with, and its digest.
    /// - Returns: The Pod, ready to be created.
    /// - Throws: ``Refusal``.
    public func pod(
        for promotion: Promotion,
        plugins: [RegisteredPlugin],
        secret: AgentSecret
    ) throws(Refusal) -> Pod {
        let plugins = plugins.sorted { $0.name < $1.name }
        try Self.checkPlugins(plugins)
        var pod = Pod()
        pod.apiVersion = "v1"
        pod.kind = "Pod"
        pod.metadata = metadata(of: promotion, secret: secret)
        pod.spec.automountServiceAccountToken = false
        pod.spec.enableServiceLinks = false
        pod.spec.shareProcessNamespace = false
        pod.spec.restartPolicy = RestartPolicy.onFailure
        pod.spec.terminationGracePeriodSeconds = 10
        var security = PodSecurityContext()
        security.runAsNonRoot = true
        security.fsGroup = Self.agentUser
        security.fsGroupChangePolicy = "OnRootMismatch"
        security.seccompProfile = SeccompProfile(type: "RuntimeDefault")
        pod.spec.securityContext = security
        pod.spec.volumes = Self.volumes
        pod.spec.initContainers = [initContainer(plugins)]
        for plugin in plugins { pod.spec.initContainers.append(try Self.sidecar(plugin)) }
        pod.spec.containers = [agentContainer(plugins, secret: secret)]
        return pod
    }

    private func metadata(of promotion: Promotion, secret: AgentSecret) -> ObjectMeta {
        var metadata = ObjectMeta()
        metadata.name = Self.name(promotionUID: promotion.metadata.uid)
        metadata.namespace = promotion.metadata.namespace
        metadata.labels = [
            KargoAPI.Label.promotionAgent: "true",
            KargoAPI.Label.promotion: LabelValue.shortened(promotion.metadata.name),
        ]
        metadata.annotations = [
            "kubectl.kubernetes.io/default-container": Self.agentContainer,
            // Whoever makes room on nodes would lose the work directory.
            "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
            KargoAPI.Annotation.agentNonce: secret.nonce,
            KargoAPI.Annotation.promotionUID: promotion.metadata.uid,
        ]
        metadata.ownerReferences = [OwnerReference(promotion)]
        return metadata
    }

    private static var volumes: [Volume] {
        func volume(_ name: String, _ source: EmptyDirVolumeSource) -> Volume {
            var volume = Volume()
            volume.name = name
            volume.emptyDir = source
            return volume
        }
        var memory = EmptyDirVolumeSource()
        memory.medium = "Memory"
        memory.sizeLimit = .literal("1Mi")
        return [
            volume(VolumeName.workDirectory, EmptyDirVolumeSource()), volume(VolumeName.tokens, memory),
            volume(VolumeName.agent, memory),
        ]
    }

    private func initContainer(_ plugins: [RegisteredPlugin]) -> Container {
        var container = agentLikeContainer(Self.initContainer, command: "init")
        container.env = [
            EnvVar(
                AgentLayout.Variable.sidecars,
                value: plugins.map(\.plugin.spec.sidecar.container.name).joined(separator: ",")
            )
        ]
        container.volumeMounts = [
            VolumeMount(VolumeName.workDirectory, at: AgentLayout.initVolume),
            VolumeMount(VolumeName.tokens, at: AgentLayout.initTokens),
            VolumeMount(VolumeName.agent, at: AgentLayout.identity),
        ]
        return container
    }

    private func agentContainer(_ plugins: [RegisteredPlugin], secret: AgentSecret) -> Container {
        var container = agentLikeContainer(Self.agentContainer, command: "run")
        var port = ContainerPort()
        port.containerPort = Int32(AgentProtocol.port)
        container.ports = [port]
        container.terminationMessagePolicy = TerminationMessagePolicy.fallbackToLogsOnError
        var listen = EnvVar(AgentLayout.Variable.listen, value: "")
        var source = EnvVarSource()
        source.fieldRef = ObjectFieldSelector()
        source.fieldRef?.fieldPath = "status.podIP"
        listen.valueFrom = source
        container.env = [
            EnvVar("HOME", value: "/tmp"), listen, EnvVar(AgentLayout.Variable.tokenDigest, value: secret.digest),
            EnvVar(AgentLayout.Variable.targets, value: Self.targets(plugins)),
            EnvVar(AgentLayout.Variable.user, value: "\(Self.agentUser)"),
        ]
        container.volumeMounts = [
            VolumeMount(VolumeName.workDirectory, at: AgentLayout.workspace, subPath: "workspace"),
            VolumeMount(VolumeName.workDirectory, at: AgentLayout.gitStore, subPath: "git"),
            VolumeMount(VolumeName.workDirectory, at: "/tmp", subPath: "tmp"),
            VolumeMount(VolumeName.tokens, at: AgentLayout.tokens, subPath: "tokens"),
            VolumeMount(VolumeName.agent, at: AgentLayout.identity),
        ]
        return container
    }

    private func agentLikeContainer(_ name: String, command: String) -> Container {
        var container = Container()
        container.name = name
        container.image = image
        container.imagePullPolicy = "IfNotPresent"
        container.command = ["/kargo-agent", command]
        container.terminationMessagePolicy = TerminationMessagePolicy.file
        var security = SecurityContext.restricted
        security.readOnlyRootFilesystem = true
        security.runAsNonRoot = true
        security.runAsUser = Self.agentUser
        security.runAsGroup = Self.agentUser
        container.securityContext = security
        container.resources.requests = ["cpu": .literal("50m"), "memory": .literal("64Mi")]
        container.resources.limits = ["memory": .literal("512Mi")]
        return container
    }

    /// The plugins by kind, as the agent reads them.
    private static func targets(_ plugins: [RegisteredPlugin]) -> String {
        var targets: [String: JSONValue] = [:]
        for plugin in plugins {
            for step in plugin.plugin.spec.steps {
                let container = plugin.plugin.spec.sidecar.container
                var target: [String: JSONValue] = [
                    "address": .string("http://localhost:\(plugin.plugin.port ?? 0)"),
                    "containerName": .string(container.name),
                ]
                if let user = container.securityContext?.runAsUser { target["runAsUser"] = .int(user) }
                targets[step.kind] = .object(target)
            }
        }
        return JSONValue.object(targets).text()
    }
}

extension SecurityContext {
    /// What the Pod Security Standard `restricted` asks of every container.
    static var restricted: SecurityContext {
        var security = SecurityContext()
        security.allowPrivilegeEscalation = false
        security.capabilities = Capabilities()
        security.capabilities?.drop = ["ALL"]
        return security
    }
}

extension Quantity {
    /// A quantity that is written down here, and that a test reads.
    fileprivate static func literal(_ text: String) -> Quantity {
        do {
            return try Quantity(text)
        } catch {
            preconditionFailure("\(text) is no quantity: \(error)")
        }
    }
}

extension EnvVar {
    init(_ name: String, value: String) {
        self.init()
        self.name = name
        self.value = value
    }
}

extension VolumeMount {
    init(_ volume: String, at path: String, subPath: String = "", readOnly: Bool = false) {
        self.init()
        name = volume
        mountPath = path
        self.subPath = subPath
        self.readOnly = readOnly
    }
}

extension SeccompProfile {
    init(type: String) {
        self.init()
        self.type = type
    }
}
