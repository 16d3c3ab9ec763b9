// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation
// The fields mean what the Kubernetes API reference says of them.

/// A note for people about something that happened to an object.
public struct Event: Sendable, Hashable, Codable {
    @OmitEmpty public var apiVersion = ""
    @OmitEmpty public var kind = ""
    @DefaultEmpty public var metadata = ObjectMeta()
    @DefaultEmpty public var involvedObject = ObjectReference()
    @OmitEmpty public var reason = ""
    @OmitEmpty public var message = ""
    @DefaultEmpty public var source = EventSource()
    @ExplicitNull public var firstTimestamp: KubernetesTime?
    @ExplicitNull public var lastTimestamp: KubernetesTime?
    @OmitEmpty public var count: Int32 = 0
    @OmitEmpty public var type = ""
    @ExplicitNull public var eventTime: KubernetesMicroTime?
    public var series: EventSeries?
    @OmitEmpty public var action = ""
    public var related: ObjectReference?
    @DefaultEmpty public var reportingComponent = ""
    @DefaultEmpty public var reportingInstance = ""

    public init() {}
}

/// The component and node that an Event comes from.
public struct EventSource: Sendable, Hashable, Codable, EmptyRepresentable {
    @OmitEmpty public var component = ""
    @OmitEmpty public var host = ""

    public init() {}
}

/// How often an Event has repeated.
public struct EventSeries: Sendable, Hashable, Codable {
    @OmitEmpty public var count: Int32 = 0
    @ExplicitNull public var lastObservedTime: KubernetesMicroTime?

    public init() {}
}
