import ArgumentParser
import KargoCore
import KubernetesClient

struct CreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an object without a file.",
        subcommands: [CreateProjectCommand.self]
    )
}

struct CreateProjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Create a Project.",
        discussion: "The Project's objects live in the namespace of the same name, which is created with it."
    )

    @OptionGroup var cluster: ClusterOptions

    @Argument(help: "The name.")
    var name: String

    func run() async throws {
        let project: JSONValue = [
            "apiVersion": .string(KargoAPI.groupVersion), "kind": "Project", "metadata": ["name": .string(name)],
        ]
        try await cluster.with { api, _ in
            do {
                _ = try await api.create(.projects, project)
            } catch let error as KubernetesError where error.code == .alreadyExists {
                throw CommandError("there is a Project \"\(name)\" already; choose another name")
            }
        }
        Console.write("\(APIResource.projects.printed(name)) created\n")
    }
}
