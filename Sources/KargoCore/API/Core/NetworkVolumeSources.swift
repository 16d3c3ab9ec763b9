// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A directory exported by an NFS server.
public struct NFSVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var server = ""
    @DefaultEmpty public var path = ""
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// An iSCSI disk.
public struct ISCSIVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var targetPortal = ""
    @DefaultEmpty public var iqn = ""
    @DefaultEmpty public var lun: Int32 = 0
    @OmitEmpty public var iscsiInterface = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var readOnly = false
    @OmitEmpty public var portals: [String] = []
    @OmitEmpty public var chapAuthDiscovery = false
    @OmitEmpty public var chapAuthSession = false
    public var secretRef: LocalObjectReference?
    public var initiatorName: String?

    public init() {}
}

/// A Fibre Channel disk.
public struct FCVolumeSource: Sendable, Hashable, Codable {
    @OmitEmpty public var targetWWNs: [String] = []
    public var lun: Int32?
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var readOnly = false
    @OmitEmpty public var wwids: [String] = []

    public init() {}
}

/// A Glusterfs volume.
public struct GlusterfsVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var endpoints = ""
    @DefaultEmpty public var path = ""
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A CephFS directory.
public struct CephFSVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var monitors: [String] = []
    @OmitEmpty public var path = ""
    @OmitEmpty public var user = ""
    @OmitEmpty public var secretFile = ""
    public var secretRef: LocalObjectReference?
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A Ceph block device.
public struct RBDVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var monitors: [String] = []
    @DefaultEmpty public var image = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var pool = ""
    @OmitEmpty public var user = ""
    @OmitEmpty public var keyring = ""
    public var secretRef: LocalObjectReference?
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A volume that an exec-based plugin mounts.
public struct FlexVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var driver = ""
    @OmitEmpty public var fsType = ""
    public var secretRef: LocalObjectReference?
    @OmitEmpty public var readOnly = false
    @OmitEmpty public var options: [String: String] = [:]

    public init() {}
}

/// A Flocker data set.
public struct FlockerVolumeSource: Sendable, Hashable, Codable {
    @OmitEmpty public var datasetName = ""
    @OmitEmpty public var datasetUUID = ""

    public init() {}
}

/// A Quobyte volume.
public struct QuobyteVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var registry = ""
    @DefaultEmpty public var volume = ""
    @OmitEmpty public var readOnly = false
    @OmitEmpty public var user = ""
    @OmitEmpty public var group = ""
    @OmitEmpty public var tenant = ""

    public init() {}
}

/// A Portworx volume.
public struct PortworxVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var volumeID = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A ScaleIO volume.
public struct ScaleIOVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var gateway = ""
    @DefaultEmpty public var system = ""
    @ExplicitNull public var secretRef: LocalObjectReference?
    @OmitEmpty public var sslEnabled = false
    @OmitEmpty public var protectionDomain = ""
    @OmitEmpty public var storagePool = ""
    @OmitEmpty public var storageMode = ""
    @OmitEmpty public var volumeName = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A StorageOS volume.
public struct StorageOSVolumeSource: Sendable, Hashable, Codable {
    @OmitEmpty public var volumeName = ""
    @OmitEmpty public var volumeNamespace = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var readOnly = false
    public var secretRef: LocalObjectReference?

    public init() {}
}
