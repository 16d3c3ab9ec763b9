// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// The body of a DELETE request.
public struct DeleteOptions: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    public var gracePeriodSeconds: Int64?
    public var preconditions: Preconditions?
    public var orphanDependents: Bool?
    public var propagationPolicy: String?
    @OmitEmpty public var dryRun: [String] = []
    public var ignoreStoreReadErrorWithClusterBreakingPotential: Bool?

    public init() {}
}

/// What must hold of an object for a deletion to go ahead.
public struct Preconditions: Sendable, Hashable, Codable {
    public var uid: String?
    public var resourceVersion: String?

    public init() {}
}
