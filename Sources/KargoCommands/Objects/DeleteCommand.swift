import ArgumentParser
import KubernetesClient

struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete objects, by files or by kind and name.",
        discussion: """
            What files name last is deleted first. An object that is refused does not stop the others; the exit code \
            is then 1.
            """
    )

    @OptionGroup var project: ProjectOptions
    @OptionGroup var source: ManifestOptions

    @Flag(help: "Take an object that does not exist for deleted.")
    var ignoreNotFound = false

    @Argument(help: "The kind, by its plural, singular, kind or short name.")
    var kind: String?

    @Argument(help: "The names.")
    var names: [String] = []

    func validate() throws {
        if source.files.isEmpty == (kind == nil) {
            throw ValidationError("Give the objects to delete either with -f or by KIND and NAME.")
        }
        if kind != nil, names.isEmpty { throw ValidationError("Give the names of the objects to delete.") }
    }

    func run() async throws {
        let manifests = source.files.isEmpty ? [] : Array(try source.manifests().inOrderOfNeed.reversed())
        let allDeleted = try await project.with { api, namespace in
            var writer = ObjectWriter(api: api, namespace: namespace, requiredNamespace: project.project)
            var hasFailed = false
            for manifest in manifests {
                do {
                    try report(
                        await writer.delete(manifest),
                        "\(manifest.place): there is no \(manifest.kind)",
                        manifest.name
                    )
                } catch {
                    Console.fail(error)
                    hasFailed = true
                }
            }
            guard let kind else { return !hasFailed }
            let resource = try KindCatalog(await api.discover()).resource(named: kind)
            for name in names {
                do {
                    let outcome = try await writer.delete(resource, namespace: namespace, name: name)
                    try report(outcome, "there is no \(resource.kind)", name)
                } catch {
                    Console.fail(error)
                    hasFailed = true
                }
            }
            return !hasFailed
        }
        if !allDeleted { throw ExitCode.failure }
    }

    private func report(_ outcome: ObjectWriter.Outcome?, _ absence: String, _ name: String?) throws {
        if let outcome {
            Console.write("\(outcome)\n")
        } else if !ignoreNotFound {
            throw CommandError("\(absence) \"\(name ?? "")\"; --ignore-not-found takes it for deleted")
        }
    }
}
