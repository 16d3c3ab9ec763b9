// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A scope for names.
public struct Namespace: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    @DefaultEmpty public var metadata = ObjectMeta()
    @DefaultEmpty public var spec = NamespaceSpec()
    @DefaultEmpty public var status = NamespaceStatus()

    public init() {}
}

/// What holds up the end of a namespace.
public struct NamespaceSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var finalizers: [String] = []

    public init() {}
}

/// Whether a namespace is in use or going away.
public struct NamespaceStatus: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var phase = ""
    @OmitEmpty public var conditions: [NamespaceCondition] = []

    public init() {}
}

/// One observed aspect of a namespace that is going away.
public struct NamespaceCondition: Sendable, Hashable, Codable {
    @DefaultEmpty public var type = ""
    @DefaultEmpty public var status = ""
    @ExplicitNull public var lastTransitionTime: KubernetesTime?
    @OmitEmpty public var reason = ""
    @OmitEmpty public var message = ""

    public init() {}
}
