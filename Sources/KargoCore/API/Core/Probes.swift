// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A periodic check of a container; exactly one of its actions is set.
public struct Probe: Sendable, Hashable, Codable {
    public var exec: ExecAction?
    public var httpGet: HTTPGetAction?
    public var tcpSocket: TCPSocketAction?
    public var grpc: GRPCAction?
    @OmitEmpty public var initialDelaySeconds: Int32 = 0
    @OmitEmpty public var timeoutSeconds: Int32 = 0
    @OmitEmpty public var periodSeconds: Int32 = 0
    @OmitEmpty public var successThreshold: Int32 = 0
    @OmitEmpty public var failureThreshold: Int32 = 0
    public var terminationGracePeriodSeconds: Int64?

    public init() {}
}

/// A command run inside the container, without a shell.
public struct ExecAction: Sendable, Hashable, Codable {
    @OmitEmpty public var command: [String] = []

    public init() {}
}

/// An HTTP GET request to the container.
public struct HTTPGetAction: Sendable, Hashable, Codable {
    @OmitEmpty public var path = ""
    @DefaultEmpty public var port = IntOrString()
    @OmitEmpty public var host = ""
    @OmitEmpty public var scheme = ""
    @OmitEmpty public var httpHeaders: [HTTPHeader] = []
    public var `protocol`: String?

    public init() {}
}

/// A header of an ``HTTPGetAction``.
public struct HTTPHeader: Sendable, Hashable, Codable {
    @DefaultEmpty public var name = ""
    @DefaultEmpty public var value = ""

    public init() {}
}

/// A TCP connection that must be accepted.
public struct TCPSocketAction: Sendable, Hashable, Codable {
    @DefaultEmpty public var port = IntOrString()
    @OmitEmpty public var host = ""

    public init() {}
}

/// A call of the gRPC health service.
public struct GRPCAction: Sendable, Hashable, Codable {
    @DefaultEmpty public var port: Int32 = 0
    @ExplicitNull public var service: String?
    public var mode: String?

    public init() {}
}
