import ArgumentParser

struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Create objects, or change them to what files say.",
        discussion: """
            Fields that the files do not name stay as they are, except those that were applied before. Definitions of \
            kinds, namespaces and Projects come first, everything else in the order of the files. An object that is \
            refused does not stop the others; the exit code is then 1.
            """
    )

    @OptionGroup var project: ProjectOptions
    @OptionGroup var source: ManifestOptions

    func validate() throws {
        if source.files.isEmpty { throw ValidationError("Give the objects to apply with -f FILE, -f DIR or -f -.") }
    }

    func run() async throws {
        let manifests = try source.manifests().inOrderOfNeed
        let allApplied = try await project.with { api, namespace in
            var writer = ObjectWriter(api: api, namespace: namespace, requiredNamespace: project.project)
            writer.onWarning = Console.warn
            var hasFailed = false
            for manifest in manifests {
                do {
                    Console.write("\(try await writer.apply(manifest))\n")
                } catch {
                    Console.fail(error)
                    hasFailed = true
                }
            }
            return !hasFailed
        }
        if !allApplied { throw ExitCode.failure }
    }
}
