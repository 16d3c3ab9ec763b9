import KargoCore

/// Something about a Pod that people may want to know: what becomes an Event.
struct PodNote: Sendable, Hashable, Codable {
    /// Its number, counted from 1 since the shim began.
    var number: Int
    /// When it was.
    var time: KubernetesMicroTime
    /// The container that it is about; nil for the Pod.
    var container: String?
    /// Whether something is wrong.
    var isWarning: Bool
    /// What, in one word.
    var reason: String
    /// What, in a sentence.
    var message: String

    /// How many are kept for a node that is away.
    static let maximumCount = 64
}

/// The words that the kubelet has for what it tells.
enum EventReason {
    static let pulled = "Pulled"
    static let created = "Created"
    static let started = "Started"
    static let killing = "Killing"
    static let backOff = "BackOff"
    static let failed = "Failed"
    static let unhealthy = "Unhealthy"
    static let failedPostStartHook = "FailedPostStartHook"
    static let failedPreStopHook = "FailedPreStopHook"
    static let deadlineExceeded = "DeadlineExceeded"
    static let scheduled = "Scheduled"
    static let failedScheduling = "FailedScheduling"
    static let failedMount = "FailedMount"
}
