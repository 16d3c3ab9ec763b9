// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// Several sources merged into one directory.
public struct ProjectedVolumeSource: Sendable, Hashable, Codable {
    @DefaultEmpty public var sources: [VolumeProjection] = []
    public var defaultMode: Int32?
    public var defaultUser: Int64?

    public init() {}
}

/// One source of a projected volume; exactly one member is set.
public struct VolumeProjection: Sendable, Hashable, Codable {
    public var secret: SecretProjection?
    public var downwardAPI: DownwardAPIProjection?
    public var configMap: ConfigMapProjection?
    public var serviceAccountToken: ServiceAccountTokenProjection?
    public var clusterTrustBundle: ClusterTrustBundleProjection?
    public var podCertificate: PodCertificateProjection?

    public init() {}
}

/// The keys of a Secret as part of a projected volume.
public struct SecretProjection: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    @OmitEmpty public var items: [KeyToPath] = []
    public var optional: Bool?

    public init() {}
}

/// The keys of a ConfigMap as part of a projected volume.
public struct ConfigMapProjection: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    @OmitEmpty public var items: [KeyToPath] = []
    public var optional: Bool?

    public init() {}
}

/// Fields of the Pod as part of a projected volume.
public struct DownwardAPIProjection: Sendable, Hashable, Codable {
    @OmitEmpty public var items: [DownwardAPIVolumeFile] = []

    public init() {}
}

/// A short-lived token of the Pod's ServiceAccount as a file.
public struct ServiceAccountTokenProjection: Sendable, Hashable, Codable {
    @OmitEmpty public var audience = ""
    public var expirationSeconds: Int64?
    @DefaultEmpty public var path = ""
    public var user: Int64?

    public init() {}
}

/// Trust anchors of the cluster as a file.
public struct ClusterTrustBundleProjection: Sendable, Hashable, Codable {
    public var name: String?
    public var signerName: String?
    public var labelSelector: LabelSelector?
    public var optional: Bool?
    @DefaultEmpty public var path = ""
    public var user: Int64?

    public init() {}
}

/// A private key and a certificate for the Pod as files.
public struct PodCertificateProjection: Sendable, Hashable, Codable {
    @OmitEmpty public var signerName = ""
    @OmitEmpty public var keyType = ""
    public var maxExpirationSeconds: Int32?
    @OmitEmpty public var credentialBundlePath = ""
    @OmitEmpty public var keyPath = ""
    @OmitEmpty public var certificateChainPath = ""
    @OmitEmpty public var userAnnotations: [String: String] = [:]
    public var user: Int64?

    public init() {}
}
