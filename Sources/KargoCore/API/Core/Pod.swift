// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// Containers that are scheduled, started and stopped together.
public struct Pod: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    @DefaultEmpty public var metadata = ObjectMeta()
    @DefaultEmpty public var spec = PodSpec()
    @DefaultEmpty public var status = PodStatus()

    public init() {}
}
