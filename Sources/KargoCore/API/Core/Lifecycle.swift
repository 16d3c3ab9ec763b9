// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// What happens right after a container's start and before its stop.
public struct Lifecycle: Sendable, Hashable, Codable {
    public var postStart: LifecycleHandler?
    public var preStop: LifecycleHandler?
    public var stopSignal: String?

    public init() {}
}

/// The action of a lifecycle hook; exactly one member is set.
public struct LifecycleHandler: Sendable, Hashable, Codable {
    public var exec: ExecAction?
    public var httpGet: HTTPGetAction?
    public var tcpSocket: TCPSocketAction?
    public var sleep: SleepAction?

    public init() {}
}

/// A pause.
public struct SleepAction: Sendable, Hashable, Codable {
    @DefaultEmpty public var seconds: Int64 = 0

    public init() {}
}
