// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// What a Pod should be.
public struct PodSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var volumes: [Volume] = []
    @OmitEmpty public var initContainers: [Container] = []
    @DefaultEmpty public var containers: [Container] = []
    @OmitEmpty public var ephemeralContainers: [EphemeralContainer] = []
    @OmitEmpty public var restartPolicy = ""
    public var terminationGracePeriodSeconds: Int64?
    public var activeDeadlineSeconds: Int64?
    @OmitEmpty public var dnsPolicy = ""
    @OmitEmpty public var nodeSelector: [String: String] = [:]
    @OmitEmpty public var serviceAccountName = ""
    @OmitEmpty public var serviceAccount = ""
    public var automountServiceAccountToken: Bool?
    @OmitEmpty public var nodeName = ""
    @OmitEmpty public var hostNetwork = false
    @OmitEmpty public var hostPID = false
    @OmitEmpty public var hostIPC = false
    public var shareProcessNamespace: Bool?
    public var securityContext: PodSecurityContext?
    @OmitEmpty public var imagePullSecrets: [LocalObjectReference] = []
    @OmitEmpty public var hostname = ""
    @OmitEmpty public var subdomain = ""
    public var affinity: Affinity?
    @OmitEmpty public var schedulerName = ""
    @OmitEmpty public var tolerations: [Toleration] = []
    @OmitEmpty public var hostAliases: [HostAlias] = []
    @OmitEmpty public var priorityClassName = ""
    public var priority: Int32?
    public var dnsConfig: PodDNSConfig?
    @OmitEmpty public var readinessGates: [PodReadinessGate] = []
    public var runtimeClassName: String?
    public var enableServiceLinks: Bool?
    public var preemptionPolicy: String?
    @OmitEmpty public var overhead: [String: Quantity] = [:]
    @OmitEmpty public var topologySpreadConstraints: [TopologySpreadConstraint] = []
    public var setHostnameAsFQDN: Bool?
    public var os: PodOS?
    public var hostUsers: Bool?
    @OmitEmpty public var schedulingGates: [PodSchedulingGate] = []
    @OmitEmpty public var resourceClaims: [PodResourceClaim] = []
    public var resources: ResourceRequirements?
    public var hostnameOverride: String?
    public var schedulingGroup: PodSchedulingGroup?
    @OmitEmpty public var evictionResponders: [EvictionResponder] = []

    public init() {}
}

/// The operating system of a Pod's containers.
public struct PodOS: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""

    public init() {}
}

/// A line added to the containers' hosts file.
public struct HostAlias: Sendable, Hashable, Codable {
    @DefaultEmpty public var ip = ""
    @OmitEmpty public var hostnames: [String] = []

    public init() {}
}

/// Additions to the containers' resolver configuration.
public struct PodDNSConfig: Sendable, Hashable, Codable {
    @OmitEmpty public var nameservers: [String] = []
    @OmitEmpty public var searches: [String] = []
    @OmitEmpty public var options: [PodDNSConfigOption] = []

    public init() {}
}

/// An option of the resolver.
public struct PodDNSConfigOption: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    public var value: String?

    public init() {}
}

/// The values of a `restartPolicy`; an init container with ``always`` is a sidecar.
public enum RestartPolicy {
    public static let always = "Always"
    public static let onFailure = "OnFailure"
    public static let never = "Never"
}
