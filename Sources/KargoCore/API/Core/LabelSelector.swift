// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A choice of objects by their labels; all its parts must match, and an empty one matches everything.
public struct LabelSelector: Sendable, Hashable, Codable {
    @OmitEmpty public var matchLabels: [String: String] = [:]
    @OmitEmpty public var matchExpressions: [LabelSelectorRequirement] = []

    public init() {}
}

/// One condition on a label's value or presence.
public struct LabelSelectorRequirement: Sendable, Hashable, Codable {
    @DefaultEmpty public var key = ""
    @DefaultEmpty public var `operator` = ""
    @OmitEmpty public var values: [String] = []

    public init() {}
}
