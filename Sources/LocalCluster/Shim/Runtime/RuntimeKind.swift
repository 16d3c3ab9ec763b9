/// What containers are run with.
public enum RuntimeKind: Sendable, Hashable, Codable {
    /// As processes that see the machine's own files.
    case processes
    /// From their images, by the program `podman` at this path.
    case podman(executable: String)

    /// The file of podman; nil where none of the directories of a path has it.
    public static func findPodman(path: String) -> String? {
        ExecutableSearch(path: path, isExecutable: FileSystem.isExecutable).find("podman")
    }
}

/// What a runtime with images has to know of a container.
struct ImagePlan: Sendable, Hashable, Codable {
    /// The image.
    var name: String
    /// When it is pulled: `always`, `missing` or `never`, as podman has it.
    var pullPolicy: String
    /// Whether the command takes the place of the image's entrypoint.
    var hasCommand: Bool
    /// The variables of the manifest alone, for the image brings its own `PATH` and the like.
    var environment: [String: String]
    /// What podman is told about users, rights and limits.
    var options: [String]
}

/// What became known of a container's image when the container was made.
struct ImageFacts: Sendable, Hashable, Codable {
    /// The digest of the image.
    var image: String
    /// The signal that asks the image's program to end.
    var stopSignal: String

    /// The file that tells it, in the directory of the Pod.
    static func file(of container: String) -> String { "containers/\(container)/image.json" }
}

/// A program that a shim starts.
struct ShimProgram: Sendable, Hashable {
    /// Its file.
    var executable: String
    /// Its arguments, its own name first.
    var arguments: [String]
}
