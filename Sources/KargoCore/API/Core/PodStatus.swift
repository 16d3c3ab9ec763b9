// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// What a Pod is.
public struct PodStatus: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var observedGeneration: Int64 = 0
    @OmitEmpty public var phase = ""
    @OmitEmpty public var conditions: [PodCondition] = []
    @OmitEmpty public var message = ""
    @OmitEmpty public var reason = ""
    @OmitEmpty public var nominatedNodeName = ""
    @OmitEmpty public var hostIP = ""
    @OmitEmpty public var hostIPs: [HostIP] = []
    @OmitEmpty public var podIP = ""
    @OmitEmpty public var podIPs: [PodIP] = []
    public var startTime: KubernetesTime?
    @OmitEmpty public var initContainerStatuses: [ContainerStatus] = []
    @OmitEmpty public var containerStatuses: [ContainerStatus] = []
    @OmitEmpty public var qosClass = ""
    @OmitEmpty public var ephemeralContainerStatuses: [ContainerStatus] = []
    @OmitEmpty public var resize = ""
    @OmitEmpty public var resourceClaimStatuses: [PodResourceClaimStatus] = []
    public var extendedResourceClaimStatus: PodExtendedResourceClaimStatus?
    @OmitEmpty public var allocatedResources: [String: Quantity] = [:]
    public var resources: ResourceRequirements?
    @OmitEmpty public var nodeAllocatableResourceClaimStatuses: [NodeAllocatableResourceClaimStatus] = []
    @OmitEmpty public var volumeHealth: [PodVolumeHealth] = []

    public init() {}
}

/// One observed aspect of a Pod's state.
public struct PodCondition: Sendable, Hashable, Codable {
    @DefaultEmpty public var type = ""
    @OmitEmpty public var observedGeneration: Int64 = 0
    @DefaultEmpty public var status = ""
    @ExplicitNull public var lastProbeTime: KubernetesTime?
    @ExplicitNull public var lastTransitionTime: KubernetesTime?
    @OmitEmpty public var reason = ""
    @OmitEmpty public var message = ""

    public init() {}
}

/// An address of the node.
public struct HostIP: Sendable, Hashable, Codable {
    @DefaultEmpty public var ip = ""

    public init() {}
}

/// An address of a Pod.
public struct PodIP: Sendable, Hashable, Codable {
    @DefaultEmpty public var ip = ""

    public init() {}
}

/// What is known of the health of one of a Pod's volumes.
public struct PodVolumeHealth: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @OmitEmpty public var healthConditions: [VolumeHealthCondition] = []
    @ExplicitNull public var lastTransitionTime: KubernetesTime?

    public init() {}
}

/// One finding about a volume's health.
public struct VolumeHealthCondition: Sendable, Hashable, Codable {
    @DefaultEmpty public var status = ""
    @DefaultEmpty public var reason = ""
    @OmitEmpty public var message = ""

    public init() {}
}

/// The values of a Pod's `phase`.
public enum PodPhase {
    public static let pending = "Pending"
    public static let running = "Running"
    public static let succeeded = "Succeeded"
    public static let failed = "Failed"
    public static let unknown = "Unknown"
}
