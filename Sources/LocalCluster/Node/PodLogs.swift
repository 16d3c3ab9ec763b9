public import KargoCore

/// Where the output of containers can be read.
public protocol PodLogs: Sendable {
    /// Finds out whether there is something to read, so that a refusal comes before the first byte.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - container: The name of one of its containers.
    ///   - options: What is asked for.
    /// - Throws: `KubernetesError` with code `badRequest` for a container that the Pod does not have, that has not
    ///   started yet, or that has not run before where the run before is asked for.
    func check(_ pod: Pod, container: String, options: LogOptions) async throws

    /// Reads what a container has written.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - container: The name of one of its containers.
    ///   - options: What of it.
    ///   - write: Takes one piece after the other.
    /// - Throws: What ``check(_:container:options:)`` throws, and what the reader throws.
    func logs(
        of pod: Pod,
        container: String,
        options: LogOptions,
        write: ([UInt8]) async throws -> Void
    ) async throws
}

/// What of a container's output is asked for: `PodLogOptions` of Kubernetes.
public struct LogOptions: Sendable, Hashable {
    /// Whether to wait for more until the container will not run again.
    public var follow = false
    /// Whether the run before the present one is asked for.
    public var previous = false
    /// How many lines from the end; nil for all.
    public var tailLines: Int?
    /// From how many seconds ago on; nil for all.
    public var sinceSeconds: Int64?
    /// From when on; nil for all.
    public var sinceTime: KubernetesTime?
    /// Whether each line begins with its time.
    public var timestamps = false
    /// After how many bytes to stop; nil for all.
    public var limitBytes: Int?

    /// Makes options that ask for everything there is.
    public init() {}
}
