// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// What a list says about itself: the version it was read at and where to continue.
public struct ListMeta: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var selfLink = ""
    @OmitEmpty public var resourceVersion = ""
    @OmitEmpty public var `continue` = ""
    public var remainingItemCount: Int64?
    public var shardInfo: ShardInfo?

    public init() {}
}

/// Which shard of a collection a list holds.
public struct ShardInfo: Sendable, Hashable, Codable {
    @DefaultEmpty public var selector = ""

    public init() {}
}
