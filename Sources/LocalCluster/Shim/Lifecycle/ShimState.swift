import KargoCore

/// What has become of a Pod under its shim.
struct ShimState: Sendable, Hashable, Codable {
    /// How far the Pod is.
    enum Phase: String, Sendable, Hashable, Codable {
        /// Containers start and run.
        case running
        /// Containers are being ended.
        case ending
        /// No process is left.
        case finished
    }

    /// The shim.
    var shim: ProcessIdentity
    /// How far the Pod is.
    var phase = Phase.running
    /// Whether all init containers have done their work and all sidecars have started.
    var isInitialized = false
    /// Whether the Pod was ended because it had run for as long as it may.
    var hasExceededDeadline = false
    /// The latest of what people may want to know.
    var notes: [PodNote] = []
    /// The containers, in the order of the spec.
    var containers: [ContainerRecord]

    /// Whether the main containers have all done what they were there for.
    var hasSucceeded: Bool {
        isInitialized && !hasExceededDeadline
            && containers.allSatisfy { container in
                guard container.kind == .main else { return true }
                guard case .terminated(let termination) = container.state else { return false }
                return termination.exitCode == 0
            }
    }
}

/// What has become of a container.
struct ContainerRecord: Sendable, Hashable, Codable {
    /// What a container is doing.
    enum State: Sendable, Hashable, Codable {
        /// It does not run yet, or not again yet.
        case waiting(reason: String, message: String)
        /// It runs.
        case running(ContainerRun)
        /// It has ended.
        case terminated(Termination)
    }

    /// The name.
    var name: String
    /// What part it has in its Pod.
    var kind: ContainerPlan.Kind
    /// What it is doing.
    var state: State
    /// How it ended before it started again.
    var lastTermination: Termination?
    /// How often it was started again.
    var restartCount: Int32
    /// Whether it will not run again.
    var isDone: Bool
    /// Whether it runs, has done what belongs to its start, and its startup probe has succeeded.
    var isStarted = false
    /// Whether it can be used.
    var isReady = false
}

/// A container that runs.
struct ContainerRun: Sendable, Hashable, Codable {
    /// Its first process.
    var process: ProcessIdentity
    /// When its command began.
    var startedAt: KubernetesMicroTime
}

/// How a container ended.
struct Termination: Sendable, Hashable, Codable {
    /// The number of the start that ended, counted from 0.
    var attempt: Int32
    /// Its first process, if it came to that.
    var process: ProcessIdentity?
    /// The exit code; 128 and the signal's number where a signal ended it.
    var exitCode: Int32
    /// The signal that ended it.
    var signal: Int32?
    /// Why it ended, in one word.
    var reason: String
    /// What it left as its message.
    var message: String
    /// When its command began.
    var startedAt: KubernetesMicroTime
    /// When it ended.
    var finishedAt: KubernetesMicroTime
}

/// The words that Kubernetes has for what becomes of containers.
enum ContainerReason {
    static let containerCreating = "ContainerCreating"
    static let podInitializing = "PodInitializing"
    static let crashLoopBackOff = "CrashLoopBackOff"
    static let runContainerError = "RunContainerError"
    static let createContainerError = "CreateContainerError"
    static let createContainerConfigError = "CreateContainerConfigError"
    static let errImagePull = "ErrImagePull"
    static let errImageNeverPull = "ErrImageNeverPull"
    static let invalidImageName = "InvalidImageName"
    static let startError = "StartError"
    static let completed = "Completed"
    static let error = "Error"
    static let containerStatusUnknown = "ContainerStatusUnknown"
}
