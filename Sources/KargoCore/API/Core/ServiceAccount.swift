// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// An identity for the processes in Pods.
public struct ServiceAccount: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    @DefaultEmpty public var metadata = ObjectMeta()
    @OmitEmpty public var secrets: [ObjectReference] = []
    @OmitEmpty public var imagePullSecrets: [LocalObjectReference] = []
    public var automountServiceAccountToken: Bool?

    public init() {}
}
