// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// One environment variable, given literally or taken from somewhere else.
public struct EnvVar: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @OmitEmpty public var value = ""
    public var valueFrom: EnvVarSource?

    public init() {}
}

/// Where the value of an environment variable comes from; one member is set.
public struct EnvVarSource: Sendable, Hashable, Codable {
    public var fieldRef: ObjectFieldSelector?
    public var resourceFieldRef: ResourceFieldSelector?
    public var configMapKeyRef: ConfigMapKeySelector?
    public var secretKeyRef: SecretKeySelector?
    public var fileKeyRef: FileKeySelector?

    public init() {}
}

/// A ConfigMap or Secret of which every key becomes an environment variable.
public struct EnvFromSource: Sendable, Hashable, Codable {
    @OmitEmpty public var prefix = ""
    public var configMapRef: ConfigMapEnvSource?
    public var secretRef: SecretEnvSource?

    public init() {}
}

/// The ConfigMap of an ``EnvFromSource``.
public struct ConfigMapEnvSource: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    public var optional: Bool?

    public init() {}
}

/// The Secret of an ``EnvFromSource``.
public struct SecretEnvSource: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    public var optional: Bool?

    public init() {}
}

/// A field of the Pod itself, for the downward API.
public struct ObjectFieldSelector: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @DefaultEmpty public var fieldPath = ""

    public init() {}
}

/// A container's resource limit or request, for the downward API.
public struct ResourceFieldSelector: Sendable, Hashable, Codable {
    @OmitEmpty public var containerName = ""
    @DefaultEmpty public var resource = ""
    @DefaultEmpty public var divisor = Quantity()

    public init() {}
}

/// One key of a ConfigMap.
public struct ConfigMapKeySelector: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    @DefaultEmpty public var key = ""
    public var optional: Bool?

    public init() {}
}

/// One key of a Secret.
public struct SecretKeySelector: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    @DefaultEmpty public var key = ""
    public var optional: Bool?

    public init() {}
}

/// One key of an environment file in a volume.
public struct FileKeySelector: Sendable, Hashable, Codable {
    @DefaultEmpty public var volumeName = ""
    @DefaultEmpty public var path = ""
    @DefaultEmpty public var key = ""
    public var optional: Bool?

    public init() {}
}
