/// The files in the directory of a Pod.
enum PodFile {
    /// What the node knows of the Pod.
    static let record = "pod.json"
    /// What the shim runs.
    static let spec = "spec.json"
    /// What has become of it.
    static let state = "state.json"
    /// Where the shim takes commands.
    static let socket = "shim.sock"
    /// What the shim has to say for itself.
    static let shimLog = "shim.log"
    /// The mount point of the containers' root directories.
    static let root = "root"

    /// The message that a container may leave when it ends.
    static func terminationMessage(of container: String) -> String { "containers/\(container)/termination-log" }

    /// The directory of a container's logs.
    static func logs(of container: String) -> String { "logs/\(container)" }

    /// The directory of a volume.
    static func volume(_ name: String) -> String { "volumes/\(name)" }
}
