import ArgumentParser
import ControlPlane
import KubernetesClient

struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print what steps write.",
        subcommands: [PromotionLogsCommand.self]
    )
}

struct PromotionLogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promotion",
        abstract: "Print the logs of a Promotion's Pod while it exists.",
        discussion: """
            Only a Promotion that uses a plugin has a Pod. Builtin steps write to the container promotion-agent, steps \
            of a plugin to that plugin's container.
            """
    )

    @OptionGroup var project: ProjectOptions

    @Argument(help: "The Promotion.")
    var name: String

    @Option(help: "Only the container in which the step of this alias runs.")
    var step: String?

    @Flag(name: .shortAndLong, help: "Go on until the containers end.")
    var follow = false

    func run() async throws {
        try await project.with { api, project in
            let promotion = try await KargoObjects(api: api).namedPromotion(name, project: project)
            let logs = try await PromotionLogs(api: api, promotion: promotion)
            try await logs.print(step: step, follow ? .untilItEnds : .upToNow)
        }
    }
}
