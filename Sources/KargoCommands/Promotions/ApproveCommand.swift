import ArgumentParser
import ControlPlane
import KargoCore
import KubernetesClient

struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Make Freight available to a Stage that it has not come to by itself."
    )

    @OptionGroup var project: ProjectOptions
    @OptionGroup var freight: FreightOptions

    @Option(help: "The Stage.")
    var stage: String

    func validate() throws {
        if freight.count != 1 { throw ValidationError("Give the Freight by one of --freight and --freight-alias.") }
    }

    func run() async throws {
        try await project.with { api, project in
            let objects = KargoObjects(api: api)
            let stage = try await objects.namedStage(stage, project: project)
            let freight = try await freight.freight(of: objects, project: project)
            try await Approval(api: api, project: project).approve(freight, for: stage)
            Console.write("\(APIResource.freights.printed(freight.metadata.name)) approved\n")
        }
    }
}
