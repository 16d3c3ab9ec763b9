// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A taint that does not keep a Pod from a node.
public struct Toleration: Sendable, Hashable, Codable {
    @OmitEmpty public var key = ""
    @OmitEmpty public var `operator` = ""
    @OmitEmpty public var value = ""
    @OmitEmpty public var effect = ""
    public var tolerationSeconds: Int64?

    public init() {}
}

/// How evenly matching Pods spread over a topology.
public struct TopologySpreadConstraint: Sendable, Hashable, Codable {
    @DefaultEmpty public var maxSkew: Int32 = 0
    @DefaultEmpty public var topologyKey = ""
    @DefaultEmpty public var whenUnsatisfiable = ""
    public var labelSelector: LabelSelector?
    public var minDomains: Int32?
    public var nodeAffinityPolicy: String?
    public var nodeTaintsPolicy: String?
    @OmitEmpty public var matchLabelKeys: [String] = []

    public init() {}
}

/// Something that must be removed before the scheduler looks at a Pod.
public struct PodSchedulingGate: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""

    public init() {}
}

/// The group with which a Pod is scheduled.
public struct PodSchedulingGroup: Sendable, Hashable, Codable {
    public var podGroupName: String?

    public init() {}
}

/// A condition that counts towards a Pod's readiness.
public struct PodReadinessGate: Sendable, Hashable, Codable {
    @DefaultEmpty public var conditionType = ""

    public init() {}
}

/// A claim for devices that a Pod's containers may use.
public struct PodResourceClaim: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    public var resourceClaimName: String?
    public var resourceClaimTemplateName: String?

    public init() {}
}

/// One who is asked before a Pod is evicted.
public struct EvictionResponder: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @ExplicitNull public var priority: Int32?

    public init() {}
}
