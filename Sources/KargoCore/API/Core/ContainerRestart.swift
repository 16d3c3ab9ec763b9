// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// Whether a container restarts when one of its resources is resized in place.
public struct ContainerResizePolicy: Sendable, Hashable, Codable {
    @DefaultEmpty public var resourceName = ""
    @DefaultEmpty public var restartPolicy = ""

    public init() {}
}

/// An exception to a container's restart policy.
public struct ContainerRestartRule: Sendable, Hashable, Codable {
    @OmitEmpty public var action = ""
    public var exitCodes: ContainerRestartRuleOnExitCodes?

    public init() {}
}

/// The exit codes to which a restart rule applies.
public struct ContainerRestartRuleOnExitCodes: Sendable, Hashable, Codable {
    @OmitEmpty public var `operator` = ""
    @OmitEmpty public var values: [Int32] = []

    public init() {}
}
