public import ArgumentParser

/// The command line tool.
public struct Kargo: AsyncParsableCommand {
    /// How the tool describes itself.
    public static let configuration = CommandConfiguration(
        commandName: "kargo",
        abstract: "Promote Freight through Stages, with step kinds of your own.",
        discussion: """
            Exit codes: 0 done; 1 something went wrong, said in one sentence on standard error; 64 the command line \
            is not understood.
            """,
        version: "kargo \(KargoVersion.current)",
        groupedSubcommands: [
            CommandGroup(name: "Plugins:", subcommands: [StepPluginCommand.self])
        ]
    )

    /// Makes the tool; the argument parser does so.
    public init() {}
}
