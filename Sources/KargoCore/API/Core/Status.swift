// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// The API server's answer to a request that returns no object, above all an error.
public struct Status: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    @DefaultEmpty public var metadata = ListMeta()
    @OmitEmpty public var status = ""
    @OmitEmpty public var message = ""
    @OmitEmpty public var reason = ""
    public var details: StatusDetails?
    @OmitEmpty public var code: Int32 = 0

    public init() {}
}

/// The object an error is about, and the causes of the error.
public struct StatusDetails: Sendable, Hashable, Codable {
    @OmitEmpty public var name = ""
    @OmitEmpty public var group = ""
    @OmitEmpty public var kind = ""
    @OmitEmpty public var uid = ""
    @OmitEmpty public var causes: [StatusCause] = []
    @OmitEmpty public var retryAfterSeconds: Int32 = 0

    public init() {}
}

/// One reason for an error, with the field it concerns.
public struct StatusCause: Sendable, Hashable, Codable {
    @OmitEmpty public var reason = ""
    @OmitEmpty public var message = ""
    @OmitEmpty public var field = ""

    public init() {}
}
