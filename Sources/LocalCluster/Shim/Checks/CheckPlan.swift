/// What is done to learn how a container is, or because it starts or ends.
enum CheckKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Whether it has started.
    case startup
    /// Whether it can be used.
    case readiness
    /// Whether it still works.
    case liveness
    /// What belongs to its start.
    case postStart
    /// What comes before its end.
    case preStop

    /// What the kubelet's messages call it.
    var title: String {
        switch self {
        case .startup: "Startup probe"
        case .readiness: "Readiness probe"
        case .liveness: "Liveness probe"
        case .postStart: "PostStartHook"
        case .preStop: "PreStopHook"
        }
    }
}

/// What a check does.
enum CheckAction: Sendable, Hashable, Codable {
    /// Run a command in the container.
    case exec([String])
    /// Ask for a page by HTTP; an answer from 200 to 399 is a success.
    case http(HTTPCheck)
    /// Connect to a port.
    case tcp(host: String, port: UInt16)
    /// Do nothing for so many seconds.
    case sleep(Int64)
}

/// A page that is asked for.
struct HTTPCheck: Sendable, Hashable, Codable {
    /// The address or name of the machine.
    var host: String
    /// The port.
    var port: UInt16
    /// The path with its query.
    var path: String
    /// Headers by name and value, in order.
    var headers: [Header]

    /// A header.
    struct Header: Sendable, Hashable, Codable {
        /// The name.
        var name: String
        /// The value.
        var value: String
    }
}

/// A probe: a check that is made again and again, with Kubernetes' defaults filled in.
struct ProbePlan: Sendable, Hashable, Codable {
    /// What it does.
    var action: CheckAction
    /// How long after the container's start it is made first, in seconds.
    var initialDelaySeconds: Int32
    /// How long it may take, in seconds.
    var timeoutSeconds: Int32
    /// How often it is made, in seconds.
    var periodSeconds: Int32
    /// How many successes in a row it takes after a failure.
    var successThreshold: Int32
    /// How many failures in a row it takes.
    var failureThreshold: Int32
    /// How long the container may take to end when it has failed the probe; nil for what the Pod allows.
    var gracePeriodSeconds: Int64?
}

/// The checks of a container.
struct CheckPlan: Sendable, Hashable, Codable {
    /// Until it succeeds, no other probe is made, and what waits for the container goes on waiting.
    var startup: ProbePlan?
    /// Whether the container is ready.
    var readiness: ProbePlan?
    /// Its failure ends the container.
    var liveness: ProbePlan?
    /// What is done right after the start; its failure ends the container.
    var postStart: CheckAction?
    /// What is done before the container is asked to end.
    var preStop: CheckAction?

    /// What a check does; nil where the container has none of that kind.
    func action(_ kind: CheckKind) -> CheckAction? {
        switch kind {
        case .startup: startup?.action
        case .readiness: readiness?.action
        case .liveness: liveness?.action
        case .postStart: postStart
        case .preStop: preStop
        }
    }

    /// A probe; nil for hooks, and where the container has none of that kind.
    func probe(_ kind: CheckKind) -> ProbePlan? {
        switch kind {
        case .startup: startup
        case .readiness: readiness
        case .liveness: liveness
        case .postStart, .preStop: nil
        }
    }
}

/// How a check went.
struct CheckResult: Sendable, Hashable {
    /// Whether it succeeded.
    var isSuccess: Bool
    /// What it had to say.
    var message = ""
}
