/// What a shim runs: a Pod, with everything in it that the node could look up.
struct ShimSpec: Sendable, Hashable, Codable {
    /// The Pod as `NAMESPACE/NAME`, for messages.
    var pod: String
    /// The init containers and sidecars in order, then the main containers.
    var containers: [ContainerPlan]
    /// How long containers may take to end when the Pod ends by itself.
    var gracePeriodSeconds: Int64
    /// How many open files the shim inherits and holds as long as it lives, so that their locks end with it.
    var leaseCount: Int
    /// For how many seconds the Pod may run; nil for ever.
    var activeDeadlineSeconds: Int64?
    /// What runs containers.
    var runtime = RuntimeKind.processes
}

/// What one container runs.
struct ContainerPlan: Sendable, Hashable, Codable {
    /// What part the container has in its Pod.
    enum Kind: String, Sendable, Hashable, Codable {
        /// Ends before the next container starts.
        case initialization
        /// Starts before the next container and runs until the main containers have ended.
        case sidecar
        /// What the Pod is there for.
        case main
    }

    /// Whether a container that has ended starts again.
    enum Restart: String, Sendable, Hashable, Codable {
        case always
        case onFailure
        case never
    }

    /// The name.
    var name: String
    /// What part it has in its Pod.
    var kind: Kind
    /// Whether it starts again when it has ended.
    var restart: Restart
    /// The command and its arguments.
    var command: [String]
    /// The whole environment.
    var environment: [String: String]
    /// Where the command starts.
    var workingDirectory: String
    /// Where a command is looked for whose absolute path does not exist.
    var executableDirectories: [String]
    /// What is mounted.
    var mounts: [MountRequest]
    /// Where the output goes, a file for each start.
    var logDirectory: String
    /// Where the container may leave a message when it ends.
    var terminationMessagePath: String
    /// Whether the end of the output is the message of a container that failed without one.
    var fallsBackToLogs: Bool
    /// What became of the container under an earlier shim of the Pod.
    var history: History?
    /// Its probes and hooks.
    var checks = CheckPlan()
    /// What a runtime with images has to know.
    var image: ImagePlan?

    /// What became of a container under an earlier shim of the Pod.
    struct History: Sendable, Hashable, Codable {
        /// How it ended last.
        var lastTermination: Termination?
        /// The number of its next start, counted from 0.
        var nextAttempt: Int32
        /// Whether it need not run again.
        var isDone: Bool
    }
}

/// A place at which a container sees a volume.
struct MountRequest: Sendable, Hashable, Codable {
    /// The directory or file of the host that is the volume.
    var volume: String
    /// The part of the volume that is mounted; empty for all of it.
    var subPath: String
    /// Where the container sees it.
    var path: String
    /// Whether the container may only read it.
    var isReadOnly: Bool
}
