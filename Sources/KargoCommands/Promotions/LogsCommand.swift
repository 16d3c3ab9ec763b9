import ArgumentParser
import ControlPlane
import KargoCore
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
        abstract: "Print what the steps of a Promotion write, or have written.",
        discussion: """
            Only a Promotion that uses a plugin has a Pod. Builtin steps write to the container promotion-agent, steps \
            of a plugin to that plugin's container. When the Pod is gone, what was kept of each step is printed: its \
            last 64 KiB, without secrets.
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
            if let logs = try await PromotionLogs(api: api, promotion: promotion) {
                try await logs.print(step: step, follow ? .untilItEnds : .upToNow)
            } else if let logs = try await KeptPromotionLogs(api: api, promotion: promotion) {
                try logs.print(step: step)
            } else {
                throw CommandError(
                    "Promotion \"\(name)\" has no Pod"
                        + (promotion.status.phase?.isTerminal ?? false
                            ? " any more, and its steps have written nothing" : " at the moment; try again")
                )
            }
        }
    }
}
