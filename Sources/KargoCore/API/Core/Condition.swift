// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// One observed aspect of an object's state, in the shape common to newer kinds.
public struct Condition: Sendable, Hashable, Codable {
    @DefaultEmpty public var type = ""
    @DefaultEmpty public var status = ""
    @OmitEmpty public var observedGeneration: Int64 = 0
    @ExplicitNull public var lastTransitionTime: KubernetesTime?
    @DefaultEmpty public var reason = ""
    @DefaultEmpty public var message = ""

    public init() {}
}
