// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// What every stored object carries: its identity, its version, its labels and its owners.
public struct ObjectMeta: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var name = ""
    @OmitEmpty public var generateName = ""
    @OmitEmpty public var namespace = ""
    @OmitEmpty public var selfLink = ""
    @OmitEmpty public var uid = ""
    @OmitEmpty public var resourceVersion = ""
    @OmitEmpty public var generation: Int64 = 0
    public var creationTimestamp: KubernetesTime?
    public var deletionTimestamp: KubernetesTime?
    public var deletionGracePeriodSeconds: Int64?
    @OmitEmpty public var labels: [String: String] = [:]
    @OmitEmpty public var annotations: [String: String] = [:]
    @OmitEmpty public var ownerReferences: [OwnerReference] = []
    @OmitEmpty public var finalizers: [String] = []
    @OmitEmpty public var managedFields: [ManagedFieldsEntry] = []

    public init() {}
}

/// An object whose deletion takes the referring object with it.
public struct OwnerReference: Sendable, Hashable, Codable {
    @DefaultEmpty public var apiVersion = ""
    @DefaultEmpty public var kind = ""
    @DefaultEmpty public var name = ""
    @DefaultEmpty public var uid = ""
    public var controller: Bool?
    public var blockOwnerDeletion: Bool?

    public init() {}
}

/// The fields that one manager claimed by server-side apply.
public struct ManagedFieldsEntry: Sendable, Hashable, Codable {
    @OmitEmpty public var manager = ""
    @OmitEmpty public var operation = ""
    @OmitEmpty public var apiVersion = ""
    public var time: KubernetesTime?
    @OmitEmpty public var fieldsType = ""
    public var fieldsV1: JSONValue?
    @OmitEmpty public var subresource = ""

    public init() {}
}
