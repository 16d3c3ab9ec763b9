// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// What one container of a Pod is, and what it last was.
public struct ContainerStatus: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @DefaultEmpty public var state = ContainerState()
    @DefaultEmpty public var lastState = ContainerState()
    @DefaultEmpty public var ready = false
    @DefaultEmpty public var restartCount: Int32 = 0
    @DefaultEmpty public var image = ""
    @DefaultEmpty public var imageID = ""
    @OmitEmpty public var containerID = ""
    public var started: Bool?
    @OmitEmpty public var allocatedResources: [String: Quantity] = [:]
    public var resources: ResourceRequirements?
    @OmitEmpty public var volumeMounts: [VolumeMountStatus] = []
    public var user: ContainerUser?
    @OmitEmpty public var allocatedResourcesStatus: [ResourceStatus] = []
    public var stopSignal: String?

    public init() {}
}

/// The state of a container; at most one member is set, and none means waiting.
public struct ContainerState: Sendable, Hashable, Codable, EmptyRepresentable {
    public var waiting: ContainerStateWaiting?
    public var running: ContainerStateRunning?
    public var terminated: ContainerStateTerminated?

    public init() {}
}

/// Why a container does not run yet.
public struct ContainerStateWaiting: Sendable, Hashable, Codable {
    @OmitEmpty public var reason = ""
    @OmitEmpty public var message = ""

    public init() {}
}

/// Since when a container runs.
public struct ContainerStateRunning: Sendable, Hashable, Codable {
    @ExplicitNull public var startedAt: KubernetesTime?

    public init() {}
}

/// How and when a container ended.
public struct ContainerStateTerminated: Sendable, Hashable, Codable {
    @DefaultEmpty public var exitCode: Int32 = 0
    @OmitEmpty public var signal: Int32 = 0
    @OmitEmpty public var reason = ""
    @OmitEmpty public var message = ""
    @ExplicitNull public var startedAt: KubernetesTime?
    @ExplicitNull public var finishedAt: KubernetesTime?
    @OmitEmpty public var containerID = ""

    public init() {}
}

/// How a volume is mounted in fact.
public struct VolumeMountStatus: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @DefaultEmpty public var mountPath = ""
    @OmitEmpty public var readOnly = false
    public var recursiveReadOnly: String?
    public var volumeStatus: VolumeStatus?

    public init() {}
}

/// Details of a mounted volume.
public struct VolumeStatus: Sendable, Hashable, Codable {
    public var image: ImageVolumeStatus?

    public init() {}
}

/// The image that an image volume holds.
public struct ImageVolumeStatus: Sendable, Hashable, Codable {
    @OmitEmpty public var imageRef = ""

    public init() {}
}

/// The identity of a container's first process.
public struct ContainerUser: Sendable, Hashable, Codable {
    public var linux: LinuxContainerUser?

    public init() {}
}

/// The user and groups of a process on Linux.
public struct LinuxContainerUser: Sendable, Hashable, Codable {
    @DefaultEmpty public var uid: Int64 = 0
    @DefaultEmpty public var gid: Int64 = 0
    @OmitEmpty public var supplementalGroups: [Int64] = []

    public init() {}
}

/// The health of the devices given to a container.
public struct ResourceStatus: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @OmitEmpty public var resources: [ResourceHealth] = []

    public init() {}
}

/// The health of one device.
public struct ResourceHealth: Sendable, Hashable, Codable {
    @DefaultEmpty public var resourceID = ""
    @OmitEmpty public var health = ""
    public var message: String?

    public init() {}
}
