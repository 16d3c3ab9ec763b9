import KargoCore
import KubernetesClient

extension ProjectOptions {
    /// Hands objects of files and their Project to the body, or a connection where no files are given.
    ///
    /// - Parameters:
    ///   - options: The files that stand for the cluster.
    ///   - body: Receives the objects and the Project: the one that the command line names, or the only one that the
    ///     files are about.
    /// - Returns: What the body returns.
    /// - Throws: ``CommandError`` for files that can't be read, and what the body throws.
    func with<Result>(
        _ options: ManifestOptions,
        _ body: (_ api: any KubernetesAPI, _ project: String) async throws -> Result
    ) async throws -> Result {
        guard !options.files.isEmpty else { return try await with(body) }
        let manifests = try options.manifests()
        let project = if let project { project } else { try manifests.project }
        return try await body(ManifestAPI(manifests, project: project), project)
    }
}

extension [Manifest] {
    /// The Project that the objects are about; `default`, where none is named.
    var project: String {
        get throws(CommandError) {
            var projects: Set<String> = []
            for manifest in self where manifest.apiVersion == KargoAPI.groupVersion {
                if manifest.kind == "Project" {
                    if let name = manifest.name { projects.insert(name) }
                } else if let namespace = manifest.namespace {
                    projects.insert(namespace)
                }
            }
            guard projects.count < 2 else {
                throw CommandError(
                    "the files are of the Projects \(projects.sorted().joined(separator: ", ")); choose one with -p"
                )
            }
            return projects.first ?? "default"
        }
    }
}
