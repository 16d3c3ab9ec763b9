import ArgumentParser
import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct LocalCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local",
        abstract: "Run a cluster and Kargo's controller on this machine.",
        discussion: """
            The cluster serves the Kubernetes API on loopback and runs Pods as processes. Its state, kubeconfig and \
            logs are in one directory.
            """,
        subcommands: [LocalUpCommand.self, LocalDownCommand.self, LocalStatusCommand.self]
    )
}

/// Which local cluster a command is about.
struct LocalOptions: ParsableArguments {
    @Option(help: "The directory that holds all of it.", completion: .directory)
    var dataDir = "./.kargo"

    /// The installation, by an absolute path.
    var installation: LocalInstallation {
        let url = URL(filePath: dataDir.isEmpty ? "." : dataDir, directoryHint: .isDirectory)
        let path = url.absoluteURL.standardizedFileURL.path(percentEncoded: false)
        return LocalInstallation(dataDirectory: path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
    }
}
