// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// The ResourceClaim that stands for one of a Pod's claims.
public struct PodResourceClaimStatus: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    public var resourceClaimName: String?

    public init() {}
}

/// The ResourceClaim that backs a Pod's extended resources.
public struct PodExtendedResourceClaimStatus: Sendable, Hashable, Codable {
    @DefaultEmpty public var requestMappings: [ContainerExtendedResourceRequest] = []
    @DefaultEmpty public var resourceClaimName = ""

    public init() {}
}

/// The request of a claim that serves a container's extended resource.
public struct ContainerExtendedResourceRequest: Sendable, Hashable, Codable {
    @DefaultEmpty public var containerName = ""
    @DefaultEmpty public var resourceName = ""
    @DefaultEmpty public var requestName = ""

    public init() {}
}

/// What a claim takes from the node's allocatable resources.
public struct NodeAllocatableResourceClaimStatus: Sendable, Hashable, Codable {
    @DefaultEmpty public var resourceClaimName = ""
    @OmitEmpty public var containers: [String] = []
    @OmitEmpty public var mapping: [NodeAllocatableMappedResources] = []
    @OmitEmpty public var overhead: [NodeAllocatableOverheadResources] = []

    public init() {}
}

/// The amount of one resource that a claim takes.
public struct NodeAllocatableMappedResources: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @ExplicitNull public var quantity: Quantity?

    public init() {}
}

/// What using a claim costs beyond the claim itself.
public struct NodeAllocatableOverheadResources: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    public var perPod: Quantity?
    public var perContainer: Quantity?

    public init() {}
}
