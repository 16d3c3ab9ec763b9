import ArgoCompat
import ExecutorRPC
public import KargoCore
public import StepPluginRegistry

/// Makes the Pod in which the steps of a Promotion run.
///
/// The agent is the one main container and runs the builtin steps; each plugin that the Promotion uses is a native
/// sidecar; an init container makes the directories and the tokens. The Pod satisfies the Pod Security Standard
/// `restricted` unless a plugin asks for more and the ``PodPolicy`` permits it.
public struct AgentPodTemplate: Sendable, Hashable {
    /// A plugin that can't run in an agent Pod.
    public struct Refusal: Error, Hashable, CustomStringConvertible {
        /// The plugin, the field and what it must be.
        public let description: String
    }

    /// The name of the main container.
    public static let agentContainer = AgentPodContract.agentContainer
    /// The name of the init container.
    public static let initContainer = AgentPodContract.initContainer
    /// The user and group of the agent; the group is also that of all files in the work directory.
    static let agentUser: Int64 = 65532

    enum VolumeName {
        static let workDirectory = AgentPodContract.workDirectoryVolume
        static let tokens = AgentPodContract.tokenVolume
        static let agent = "kargo-agent"
        static let gitSecrets = "kargo-git-secrets"
        static let serviceAccount = "kargo-service-account"
    }

    /// The image of the agent.
    public var image: String
    /// When the image is pulled: `IfNotPresent`, `Always` or `Never`.
    public var imagePullPolicy: String
    /// What the operator permits and gives.
    public var policy: PodPolicy
    /// The variables by which the agent's steps go; nothing secret, as whoever sees Pods sees them.
    public var settings: [String: String]

    /// Makes a template.
    ///
    /// - Parameters:
    ///   - image: The image of the agent, in which `/kargo-agent` is.
    ///   - imagePullPolicy: When it is pulled.
    ///   - policy: What the operator permits and gives.
    ///   - settings: The variables by which the agent's steps go; nothing secret, as whoever sees Pods sees them.
    public init(
        image: String,
        imagePullPolicy: String = "IfNotPresent",
        policy: PodPolicy = PodPolicy(),
        settings: [String: String] = [:]
    ) {
        self.image = image
        self.imagePullPolicy = imagePullPolicy
        self.policy = policy
        self.settings = settings
    }

    /// The name of a Promotion's Pod.
    public static func name(promotionUID: String) -> String { "promotion-agent-\(promotionUID)" }

    /// Makes the Pod.
    ///
    /// - Parameters:
    ///   - promotion: The Promotion.
    ///   - plugins: The plugins that it uses.
    ///   - secret: What the bearer token is derived with, and its digest.
    ///   - serviceAccount: Whose token the sidecars get that ask for one; nil where none does.
    /// - Returns: The Pod, ready to be created.
    /// - Throws: ``Refusal``.
    public func pod(
        for promotion: Promotion,
        plugins: [RegisteredPlugin],
        secret: AgentSecret,
        serviceAccount: String? = nil
    ) throws(Refusal) -> Pod {
        let plugins = plugins.sorted { ($0.name, $0.namespace) < ($1.name, $1.namespace) }
        try check(plugins)
        var pod = Pod()
        pod.apiVersion = "v1"
        pod.kind = "Pod"
        pod.metadata = metadata(of: promotion, plugins, secret: secret)
        pod.spec.serviceAccountName = serviceAccount ?? ""
        pod.spec.automountServiceAccountToken = false
        pod.spec.enableServiceLinks = false
        pod.spec.shareProcessNamespace = false
        pod.spec.restartPolicy = RestartPolicy.onFailure
        pod.spec.terminationGracePeriodSeconds = 10
        var sidecars = plugins.map(sidecar)
        let security = podSecurity(sidecars)
        if security.runAsNonRoot == nil {
            for index in sidecars.indices where !sidecars[index].mayBeRoot {
                sidecars[index].securityContext?.runAsNonRoot = true
            }
        }
        pod.spec.securityContext = security
        pod.spec.imagePullSecrets = policy.pullSecrets(of: promotion.metadata.namespace)
            .map { name in
                var reference = LocalObjectReference()
                reference.name = name
                return reference
            }
        pod.spec.volumes = volumes
        if serviceAccount != nil { pod.spec.volumes.append(Self.serviceAccountVolume) }
        pod.spec.initContainers = [initContainer(plugins)] + sidecars
        pod.spec.containers = [agentContainer(targets: Self.targets(plugins, sidecars), secret: secret)]
        return pod
    }

    private func metadata(of promotion: Promotion, _ plugins: [RegisteredPlugin], secret: AgentSecret) -> ObjectMeta {
        var metadata = ObjectMeta()
        metadata.name = Self.name(promotionUID: promotion.metadata.uid)
        metadata.namespace = promotion.metadata.namespace
        metadata.labels = policy.labels.merging([
            KargoAPI.Label.promotionAgent: "true",
            KargoAPI.Label.promotion: LabelValue.shortened(promotion.metadata.name),
        ]) { $1 }
        let strangers =
            [Self.initContainer, Self.agentContainer]
            + plugins.filter { !$0.asksForServiceAccount }.map(\.plugin.spec.sidecar.container.name)
        metadata.annotations = [
            "kubectl.kubernetes.io/default-container": Self.agentContainer,
            // Whoever makes room on nodes would lose the work directory.
            "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
            "karpenter.sh/do-not-disrupt": "true",
            // Webhooks of clouds that give containers the identity of the service account.
            "eks.amazonaws.com/skip-containers": strangers.joined(separator: ","),
            "azure.workload.identity/skip-containers": strangers.joined(separator: ";"),
        ]
        metadata.annotations.merge(policy.annotations) { $1 }
        metadata.annotations[KargoAPI.Annotation.agentNonce] = secret.nonce
        metadata.annotations[KargoAPI.Annotation.promotionUID] = promotion.metadata.uid
        metadata.ownerReferences = [OwnerReference(promotion)]
        return metadata
    }

    private var volumes: [Volume] {
        func volume(_ name: String, size: Quantity, medium: String = "") -> Volume {
            var volume = Volume()
            volume.name = name
            volume.emptyDir = EmptyDirVolumeSource()
            volume.emptyDir?.medium = medium
            volume.emptyDir?.sizeLimit = size
            return volume
        }
        let small = Quantity.literal("1Mi")
        return [
            volume(VolumeName.workDirectory, size: policy.workspaceSize ?? PodPolicy.defaultWorkspaceSize),
            volume(VolumeName.tokens, size: small, medium: "Memory"),
            volume(VolumeName.agent, size: small, medium: "Memory"),
            volume(VolumeName.gitSecrets, size: .literal("16Mi"), medium: "Memory"),
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

    private func agentContainer(targets: String, secret: AgentSecret) -> Container {
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
            EnvVar("HOME", value: AgentLayout.privateDirectory), listen,
            EnvVar(AgentLayout.Variable.tokenDigest, value: secret.digest),
            EnvVar(AgentLayout.Variable.targets, value: targets),
            EnvVar(AgentLayout.Variable.user, value: "\(Self.agentUser)"),
        ]
        container.env += settings.sorted { $0.key < $1.key }.map { EnvVar($0.key, value: $0.value) }
        container.volumeMounts = [
            VolumeMount(VolumeName.workDirectory, at: AgentLayout.workspace, subPath: "workspace"),
            VolumeMount(VolumeName.workDirectory, at: AgentLayout.gitStore, subPath: "git"),
            VolumeMount(VolumeName.workDirectory, at: AgentLayout.privateDirectory, subPath: "tmp"),
            VolumeMount(VolumeName.gitSecrets, at: AgentLayout.gitSecrets),
            VolumeMount(VolumeName.tokens, at: AgentLayout.tokens, subPath: "tokens"),
            VolumeMount(VolumeName.agent, at: AgentLayout.identity),
        ]
        return container
    }

    private func agentLikeContainer(_ name: String, command: String) -> Container {
        var container = Container()
        container.name = name
        container.image = image
        container.imagePullPolicy = imagePullPolicy
        container.command = ["/kargo-agent", command]
        container.terminationMessagePolicy = TerminationMessagePolicy.file
        var security = SecurityContext.restricted
        security.readOnlyRootFilesystem = true
        security.runAsNonRoot = true
        if policy.securityContext == .standard {
            security.runAsUser = Self.agentUser
            security.runAsGroup = Self.agentUser
        }
        container.securityContext = security
        container.resources = policy.agentResources ?? Self.agentResources
        return container
    }

    private static var agentResources: ResourceRequirements {
        var resources = ResourceRequirements()
        resources.requests = ["cpu": .literal("50m"), "memory": .literal("64Mi")]
        resources.limits = ["memory": .literal("512Mi")]
        return resources
    }

    /// The plugins by kind, as the agent reads them, with the users that their containers got.
    private static func targets(_ plugins: [RegisteredPlugin], _ sidecars: [Container]) -> String {
        var targets: [String: JSONValue] = [:]
        for (plugin, container) in zip(plugins, sidecars) {
            for step in plugin.plugin.spec.steps {
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
    static func literal(_ text: String) -> Quantity {
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
