public import ArgumentParser

/// The command line tool.
public struct Kargo: AsyncParsableCommand {
    private static let discussion = """
        Talks to the cluster that the kubeconfig names, or to one of its own on this machine; see "kargo local up".

        Exit codes: 0 done; 1 something went wrong, said in one sentence on standard error; 2 the Promotion that was \
        waited for did not succeed, or "kargo doctor" could not reach the cluster; 3 not everything of the local \
        cluster runs; 64 the command line is not understood.
        """

    /// How the tool describes itself.
    public static let configuration: CommandConfiguration = makeConfiguration()

    /// How the tool describes itself, with commands of other libraries.
    ///
    /// - Parameter groups: The other commands.
    /// - Returns: The configuration.
    public static func makeConfiguration(adding groups: [CommandGroup] = []) -> CommandConfiguration {
        CommandConfiguration(
            commandName: "kargo",
            abstract: "Promote Freight through Stages, with step kinds of your own.",
            discussion: discussion,
            version: "kargo \(KargoVersion.current)",
            subcommands: [VersionCommand.self],
            groupedSubcommands: [
                CommandGroup(name: "Local", subcommands: [LocalCommand.self]),
                CommandGroup(
                    name: "Object",
                    subcommands: [ApplyCommand.self, CreateCommand.self, DeleteCommand.self, GetCommand.self]
                ),
                CommandGroup(
                    name: "Promotion",
                    subcommands: [ApproveCommand.self, LogsCommand.self, PromoteCommand.self]
                ),
                CommandGroup(name: "Expression", subcommands: [EvalCommand.self]),
                CommandGroup(name: "Plugin", subcommands: [StepPluginCommand.self]),
            ] + groups
        )
    }

    /// What programs that start the tool can tell apart, besides what is usual.
    package enum ExitStatus {
        static let promotionDidNotSucceed: Int32 = 2
        package static let clusterIsUnreachable: Int32 = 2
        static let localClusterIsIncomplete: Int32 = 3
    }

    /// Makes the tool; the argument parser does so.
    public init() {}
}
