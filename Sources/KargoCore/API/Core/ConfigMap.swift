// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// Settings as text, and as base64 where they are binary.
public struct ConfigMap: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    @DefaultEmpty public var metadata = ObjectMeta()
    public var immutable: Bool?
    @OmitEmpty public var data: [String: String] = [:]
    @OmitEmpty public var binaryData: [String: String] = [:]

    public init() {}
}
