// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A claim that is made for the Pod and deleted with it.
public struct EphemeralVolumeSource: Sendable, Hashable, Codable {
    public var volumeClaimTemplate: PersistentVolumeClaimTemplate?

    public init() {}
}

/// The claim of an ``EphemeralVolumeSource``.
public struct PersistentVolumeClaimTemplate: Sendable, Hashable, Codable {
    @DefaultEmpty public var metadata = ObjectMeta()
    @DefaultEmpty public var spec = PersistentVolumeClaimSpec()

    public init() {}
}

/// What a claim asks of a persistent volume.
public struct PersistentVolumeClaimSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var accessModes: [String] = []
    public var selector: LabelSelector?
    @DefaultEmpty public var resources = VolumeResourceRequirements()
    @OmitEmpty public var volumeName = ""
    public var storageClassName: String?
    public var volumeMode: String?
    public var dataSource: TypedLocalObjectReference?
    public var dataSourceRef: TypedObjectReference?
    public var volumeAttributesClassName: String?

    public init() {}
}
