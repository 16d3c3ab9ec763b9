// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A container added to a running Pod for debugging.
public struct EphemeralContainer: Sendable, Hashable, Codable {
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
    @OmitEmpty public var targetContainerName = ""

    public init() {}
}
