// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// The privileges of one container; where it is silent, those of the Pod hold.
public struct SecurityContext: Sendable, Hashable, Codable {
    public var capabilities: Capabilities?
    public var privileged: Bool?
    public var seLinuxOptions: SELinuxOptions?
    public var windowsOptions: WindowsSecurityContextOptions?
    public var runAsUser: Int64?
    public var runAsGroup: Int64?
    public var runAsNonRoot: Bool?
    public var readOnlyRootFilesystem: Bool?
    public var allowPrivilegeEscalation: Bool?
    public var procMount: String?
    public var seccompProfile: SeccompProfile?
    public var appArmorProfile: AppArmorProfile?

    public init() {}
}

/// The privileges of all containers of a Pod, and the ownership of its volumes.
public struct PodSecurityContext: Sendable, Hashable, Codable {
    public var seLinuxOptions: SELinuxOptions?
    public var windowsOptions: WindowsSecurityContextOptions?
    public var runAsUser: Int64?
    public var runAsGroup: Int64?
    public var runAsNonRoot: Bool?
    @OmitEmpty public var supplementalGroups: [Int64] = []
    public var supplementalGroupsPolicy: String?
    public var fsGroup: Int64?
    @OmitEmpty public var sysctls: [Sysctl] = []
    public var fsGroupChangePolicy: String?
    public var seccompProfile: SeccompProfile?
    public var appArmorProfile: AppArmorProfile?
    public var seLinuxChangePolicy: String?

    public init() {}
}

/// The Linux capabilities added to and taken from a container's default set.
public struct Capabilities: Sendable, Hashable, Codable {
    @OmitEmpty public var add: [String] = []
    @OmitEmpty public var drop: [String] = []

    public init() {}
}

/// The SELinux label of a process.
public struct SELinuxOptions: Sendable, Hashable, Codable {
    @OmitEmpty public var user = ""
    @OmitEmpty public var role = ""
    @OmitEmpty public var type = ""
    @OmitEmpty public var level = ""

    public init() {}
}

/// The identity of a process on Windows.
public struct WindowsSecurityContextOptions: Sendable, Hashable, Codable {
    public var gmsaCredentialSpecName: String?
    public var gmsaCredentialSpec: String?
    public var runAsUserName: String?
    public var hostProcess: Bool?

    public init() {}
}

/// The filter of system calls.
public struct SeccompProfile: Sendable, Hashable, Codable {
    @DefaultEmpty public var type = ""
    public var localhostProfile: String?

    public init() {}
}

/// The AppArmor confinement.
public struct AppArmorProfile: Sendable, Hashable, Codable {
    @DefaultEmpty public var type = ""
    public var localhostProfile: String?

    public init() {}
}

/// A namespaced kernel parameter.
public struct Sysctl: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @DefaultEmpty public var value = ""

    public init() {}
}
