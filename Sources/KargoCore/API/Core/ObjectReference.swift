// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A pointer to any object, or to a part of it.
public struct ObjectReference: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var kind = ""
    @OmitEmpty public var namespace = ""
    @OmitEmpty public var name = ""
    @OmitEmpty public var uid = ""
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var resourceVersion = ""
    @OmitEmpty public var fieldPath = ""

    public init() {}
}

/// The name of an object of a known kind in the same namespace.
public struct LocalObjectReference: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""

    public init() {}
}

/// A pointer to an object of any kind in the same namespace.
public struct TypedLocalObjectReference: Sendable, Hashable, Codable {
    @ExplicitNull public var apiGroup: String?
    @DefaultEmpty public var kind = ""
    @DefaultEmpty public var name = ""

    public init() {}
}

/// A pointer to an object of any kind, possibly in another namespace.
public struct TypedObjectReference: Sendable, Hashable, Codable {
    @ExplicitNull public var apiGroup: String?
    @DefaultEmpty public var kind = ""
    @DefaultEmpty public var name = ""
    public var namespace: String?

    public init() {}
}
