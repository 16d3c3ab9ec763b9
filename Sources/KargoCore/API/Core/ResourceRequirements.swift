// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// The compute resources a container or Pod may and must have.
public struct ResourceRequirements: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var limits: [String: Quantity] = [:]
    @OmitEmpty public var requests: [String: Quantity] = [:]
    @OmitEmpty public var claims: [ResourceClaim] = []

    public init() {}
}

/// The use of one of the Pod's resource claims.
public struct ResourceClaim: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @OmitEmpty public var request = ""

    public init() {}
}

/// The storage a claim may and must have.
public struct VolumeResourceRequirements: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var limits: [String: Quantity] = [:]
    @OmitEmpty public var requests: [String: Quantity] = [:]

    public init() {}
}
