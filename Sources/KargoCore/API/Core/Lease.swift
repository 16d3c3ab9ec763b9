// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A lock that expires; leader election and node heartbeats use it.
public struct Lease: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    @DefaultEmpty public var metadata = ObjectMeta()
    @DefaultEmpty public var spec = LeaseSpec()

    public init() {}
}

/// Who holds a lease, and until when.
public struct LeaseSpec: Sendable, Hashable, Codable, EmptyRepresentable {
    public var holderIdentity: String?
    public var leaseDurationSeconds: Int32?
    public var acquireTime: KubernetesMicroTime?
    public var renewTime: KubernetesMicroTime?
    public var leaseTransitions: Int32?
    public var strategy: String?
    public var preferredHolder: String?

    public init() {}
}
