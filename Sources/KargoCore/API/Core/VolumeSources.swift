// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A file or directory of the node.
public struct HostPathVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var path = ""
    public var type: String?

    public init() {}
}

/// A directory that lives as long as its Pod.
public struct EmptyDirVolumeSource: Sendable, Hashable, Codable {
    @OmitEmpty public var medium = ""
    public var sizeLimit: Quantity?
    public var mode: Int32?

    public init() {}
}

/// The keys of a Secret as files.
public struct SecretVolumeSource: Sendable, Hashable, Codable {
    @OmitEmpty public var secretName = ""
    @OmitEmpty public var items: [KeyToPath] = []
    public var defaultMode: Int32?
    public var optional: Bool?
    public var defaultUser: Int64?

    public init() {}
}

/// The keys of a ConfigMap as files.
public struct ConfigMapVolumeSource: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    @OmitEmpty public var items: [KeyToPath] = []
    public var defaultMode: Int32?
    public var optional: Bool?
    public var defaultUser: Int64?

    public init() {}
}

/// The file into which one key is written.
public struct KeyToPath: Sendable, Hashable, Codable {
    @DefaultEmpty public var key = ""
    @DefaultEmpty public var path = ""
    public var mode: Int32?
    public var user: Int64?

    public init() {}
}

/// Fields of the Pod as files.
public struct DownwardAPIVolumeSource: Sendable, Hashable, Codable {
    @OmitEmpty public var items: [DownwardAPIVolumeFile] = []
    public var defaultMode: Int32?
    public var defaultUser: Int64?

    public init() {}
}

/// The file into which one field of the Pod is written.
public struct DownwardAPIVolumeFile: Sendable, Hashable, Codable {
    @DefaultEmpty public var path = ""
    public var fieldRef: ObjectFieldSelector?
    public var resourceFieldRef: ResourceFieldSelector?
    public var mode: Int32?
    public var user: Int64?

    public init() {}
}

/// The volume bound to a claim in the Pod's namespace.
public struct PersistentVolumeClaimVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var claimName = ""
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A volume that a CSI driver makes for this Pod.
public struct CSIVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var driver = ""
    public var readOnly: Bool?
    public var fsType: String?
    @OmitEmpty public var volumeAttributes: [String: String] = [:]
    public var nodePublishSecretRef: LocalObjectReference?

    public init() {}
}

/// The content of an OCI image or artifact, read-only.
public struct ImageVolumeSource: Sendable, Hashable, Codable {
    @OmitEmpty public var reference = ""
    @OmitEmpty public var pullPolicy = ""

    public init() {}
}

/// A clone of a git repository; Kubernetes has disabled it.
public struct GitRepoVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var repository = ""
    @OmitEmpty public var revision = ""
    @OmitEmpty public var directory = ""

    public init() {}
}
