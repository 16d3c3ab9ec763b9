import ArgumentParser
import KargoCore

struct LocalStatusCommand: AsyncParsableCommand {
    /// How a status is printed.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say what of the local cluster runs.",
        discussion: "The exit code is 0 if all of it runs, and 3 if not."
    )

    @OptionGroup var local: LocalOptions

    @Option(name: .shortAndLong, help: "How to print.")
    var output = Format.table

    func run() async throws {
        let status = try LocalStatus(of: local.installation)
        switch output {
        case .table: Console.write(status.table)
        case .json: Console.write(status.json.text([.sortedKeys, .indented]) + "\n")
        }
        if !status.isComplete { throw ExitCode(Kargo.ExitStatus.localClusterIsIncomplete) }
    }
}
