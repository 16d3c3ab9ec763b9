import ArgumentParser
import ClusterDoctor
import KargoCommands

@main
struct KargoCLI: AsyncParsableCommand {
    static let configuration: CommandConfiguration = Kargo.makeConfiguration(
        adding: [CommandGroup(name: "Cluster", subcommands: [DoctorCommand.self])]
    )
}
