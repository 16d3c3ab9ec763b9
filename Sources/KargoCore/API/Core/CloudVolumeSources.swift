// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A disk of Amazon's Elastic Block Store.
public struct AWSElasticBlockStoreVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var volumeID = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var partition: Int32 = 0
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A persistent disk of Google Compute Engine.
public struct GCEPersistentDiskVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var pdName = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var partition: Int32 = 0
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A managed or blob disk of Azure.
public struct AzureDiskVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var diskName = ""
    @DefaultEmpty public var diskURI = ""
    public var cachingMode: String?
    public var fsType: String?
    public var readOnly: Bool?
    public var kind: String?

    public init() {}
}

/// A share of Azure Files.
public struct AzureFileVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var secretName = ""
    @DefaultEmpty public var shareName = ""
    @OmitEmpty public var readOnly = false

    public init() {}
}

/// A volume of OpenStack Cinder.
public struct CinderVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var volumeID = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var readOnly = false
    public var secretRef: LocalObjectReference?

    public init() {}
}

/// A virtual disk of vSphere.
public struct VsphereVirtualDiskVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var volumePath = ""
    @OmitEmpty public var fsType = ""
    @OmitEmpty public var storagePolicyName = ""
    @OmitEmpty public var storagePolicyID = ""

    public init() {}
}

/// A disk of Photon Controller.
public struct PhotonPersistentDiskVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var pdID = ""
    @OmitEmpty public var fsType = ""

    public init() {}
}
