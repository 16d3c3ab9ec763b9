import ArgumentParser
import Dispatch
import LocalCluster

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The entry point.
@main
enum Main {
    static func main() {
        let arguments = CommandLine.arguments.dropFirst()
        // Before anything starts a thread.
        if arguments.first == PodShim.command { PodShim.main(arguments: Array(arguments.dropFirst())) }
        // The whole program; it ends with the process.
        Task {
            await KargoControllerCommand.main()
            exit(0)
        }
        dispatchMain()
    }
}

/// Kargo's controllers, and the cluster that they can run in without Kubernetes.
struct KargoControllerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kargo-controller",
        abstract: "Run Kargo's controllers, or a local cluster for them.",
        subcommands: [RunCommand.self, LocalClusterCommand.self]
    )
}

/// What both commands have in common: how they tell that they are ready, and how they learn that they are to end.
struct ProcessOptions: ParsableArguments {
    @Option(help: "The data directory of the local cluster; its lock keeps a second process of this kind out.")
    var dataDir: String?

    @Flag(help: "End when standard input is closed, as it is when whoever started this process dies.")
    var untilStdinCloses = false
}
