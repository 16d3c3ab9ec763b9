import ArgumentParser

struct StepPluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step-plugin",
        abstract: "Make step kinds of your own.",
        subcommands: [StepPluginBuildCommand.self]
    )
}
