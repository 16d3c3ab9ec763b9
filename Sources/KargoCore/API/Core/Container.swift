// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// One container of a Pod: the image, its process and everything granted to it.
public struct Container: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @OmitEmpty public var image = ""
    @OmitEmpty public var command: [String] = []
    @OmitEmpty public var args: [String] = []
    @OmitEmpty public var workingDir = ""
    @OmitEmpty public var ports: [ContainerPort] = []
    @OmitEmpty public var envFrom: [EnvFromSource] = []
    @OmitEmpty public var env: [EnvVar] = []
    @DefaultEmpty public var resources = ResourceRequirements()
    @OmitEmpty public var resizePolicy: [ContainerResizePolicy] = []
    public var restartPolicy: String?
    @OmitEmpty public var restartPolicyRules: [ContainerRestartRule] = []
    @OmitEmpty public var volumeMounts: [VolumeMount] = []
    @OmitEmpty public var volumeDevices: [VolumeDevice] = []
    public var livenessProbe: Probe?
    public var readinessProbe: Probe?
    public var startupProbe: Probe?
    public var lifecycle: Lifecycle?
    @OmitEmpty public var terminationMessagePath = ""
    @OmitEmpty public var terminationMessagePolicy = ""
    @OmitEmpty public var imagePullPolicy = ""
    public var securityContext: SecurityContext?
    @OmitEmpty public var stdin = false
    @OmitEmpty public var stdinOnce = false
    @OmitEmpty public var tty = false

    public init() {}
}

/// A port on which a container listens.
public struct ContainerPort: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    @OmitEmpty public var hostPort: Int32 = 0
    @DefaultEmpty public var containerPort: Int32 = 0
    @OmitEmpty public var `protocol` = ""
    @OmitEmpty public var hostIP = ""

    public init() {}
}

/// The place at which a container sees a volume.
public struct VolumeMount: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @OmitEmpty public var readOnly = false
    public var recursiveReadOnly: String?
    @DefaultEmpty public var mountPath = ""
    @OmitEmpty public var subPath = ""
    public var mountPropagation: String?
    @OmitEmpty public var subPathExpr = ""
    @OmitEmpty public var bindMountOptions: [String] = []

    public init() {}
}

/// The path at which a container sees a raw block device.
public struct VolumeDevice: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @DefaultEmpty public var devicePath = ""

    public init() {}
}

/// The values of a container's `terminationMessagePolicy`.
public enum TerminationMessagePolicy {
    public static let file = "File"
    public static let fallbackToLogsOnError = "FallbackToLogsOnError"
}
