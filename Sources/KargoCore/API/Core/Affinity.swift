// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// Where the scheduler must or should place a Pod.
public struct Affinity: Sendable, Hashable, Codable {
    public var nodeAffinity: NodeAffinity?
    public var podAffinity: PodAffinity?
    public var podAntiAffinity: PodAntiAffinity?

    public init() {}
}

/// Which nodes a Pod must or should run on.
public struct NodeAffinity: Sendable, Hashable, Codable {
    public var requiredDuringSchedulingIgnoredDuringExecution: NodeSelector?
    @OmitEmpty public var preferredDuringSchedulingIgnoredDuringExecution: [PreferredSchedulingTerm] = []

    public init() {}
}

/// A choice of nodes; one of its terms must match.
public struct NodeSelector: Sendable, Hashable, Codable {
    @DefaultEmpty public var nodeSelectorTerms: [NodeSelectorTerm] = []

    public init() {}
}

/// Conditions on a node, all of which must match.
public struct NodeSelectorTerm: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var matchExpressions: [NodeSelectorRequirement] = []
    @OmitEmpty public var matchFields: [NodeSelectorRequirement] = []

    public init() {}
}

/// One condition on a node's label or field.
public struct NodeSelectorRequirement: Sendable, Hashable, Codable {
    @DefaultEmpty public var key = ""
    @DefaultEmpty public var `operator` = ""
    @OmitEmpty public var values: [String] = []

    public init() {}
}

/// A preference for some nodes and its weight.
public struct PreferredSchedulingTerm: Sendable, Hashable, Codable {
    @DefaultEmpty public var weight: Int32 = 0
    @DefaultEmpty public var preference = NodeSelectorTerm()

    public init() {}
}

/// Which Pods a Pod must or should run near.
public struct PodAffinity: Sendable, Hashable, Codable {
    @OmitEmpty public var requiredDuringSchedulingIgnoredDuringExecution: [PodAffinityTerm] = []
    @OmitEmpty public var preferredDuringSchedulingIgnoredDuringExecution: [WeightedPodAffinityTerm] = []

    public init() {}
}

/// Which Pods a Pod must not or should not run near.
public struct PodAntiAffinity: Sendable, Hashable, Codable {
    @OmitEmpty public var requiredDuringSchedulingIgnoredDuringExecution: [PodAffinityTerm] = []
    @OmitEmpty public var preferredDuringSchedulingIgnoredDuringExecution: [WeightedPodAffinityTerm] = []

    public init() {}
}

/// A choice of Pods, and the topology in which to be near them.
public struct PodAffinityTerm: Sendable, Hashable, Codable, EmptyRepresentable {
    public var labelSelector: LabelSelector?
    @OmitEmpty public var namespaces: [String] = []
    @DefaultEmpty public var topologyKey = ""
    public var namespaceSelector: LabelSelector?
    @OmitEmpty public var matchLabelKeys: [String] = []
    @OmitEmpty public var mismatchLabelKeys: [String] = []

    public init() {}
}

/// A preference about other Pods and its weight.
public struct WeightedPodAffinityTerm: Sendable, Hashable, Codable {
    @DefaultEmpty public var weight: Int32 = 0
    @DefaultEmpty public var podAffinityTerm = PodAffinityTerm()

    public init() {}
}
