import ArgumentParser
import ControlPlane
import KargoCore
import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// `kargo-controller local-cluster`.
struct LocalClusterCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "local-cluster",
        abstract: "Serve the Kubernetes API on this machine and run Pods as processes.",
        discussion: """
            When it is ready it prints one line of JSON: {"pid": …, "address": …}. SIGTERM ends the Pods, then the \
            cluster; a cluster that is killed leaves its Pods to the next one of the same directory.
            """
    )

    private static let namespaces = [
        "default", "kube-system", "kargo", "kargo-system-resources", "kargo-shared-resources",
    ]

    @OptionGroup var options: ProcessOptions

    @Option(help: "The port to serve on; 0 for the one of last time, or any that is free.")
    var port = 0

    @Option(
        help: ArgumentHelp(
            "The IP address to serve at; 0.0.0.0 for all of this machine.",
            discussion: "Whoever reaches it and has a token can run programs as you.",
            valueName: "address"
        )
    )
    var listen = "127.0.0.1"

    /// What can run the containers of Pods.
    enum Runtime: String, CaseIterable, ExpressibleByArgument {
        case processes
        case podman
    }

    @Option(help: "What runs the containers of Pods: processes of this machine, or podman with their images.")
    var runtime = Runtime.processes

    @Flag(help: "Run no Pods; whoever tests against the cluster writes their status.")
    var noNode = false

    func validate() throws {
        if options.dataDir == nil { throw ValidationError("--data-dir is missing: where is the cluster to be kept?") }
    }

    func run() async throws {
        let installation = LocalInstallation(dataDirectory: options.dataDir ?? "")
        mkdir(installation.dataDirectory, 0o700)
        guard let claim = try installation.claim(.cluster) else {
            throw LocalClusterError(
                "\(installation.dataDirectory): another local cluster runs on it; stop that one first"
            )
        }
        defer { withExtendedLifetime(claim) {} }
        var configuration = LocalCluster.Configuration(dataDirectory: installation.dataDirectory, port: port)
        configuration.listenAddress = listen
        configuration.runtime = try runtimeKind()
        if noNode { configuration.node = .none }
        configuration.namespaces = Self.namespaces
        configuration.customResourceDefinitions = try KargoDefinitions.customResourceDefinitions
        configuration.validationRules = KargoDefinitions.validationRules
        let cluster = LocalCluster(configuration, logger: try ProcessLife.makeLogger("local-cluster")) {
            KargoAdmission(api: $0)
        }
        let life = ProcessLife(endsWithInput: options.untilStdinCloses)
        try await cluster.run(
            until: { try await life.waitForEnd() },
            onReady: { access in
                let running = LocalInstallation.Running(pid: getpid(), address: access.address)
                try claim.publish(running)
                try ProcessLife.announce(running)
            }
        )
    }

    private func runtimeKind() throws -> RuntimeKind {
        switch runtime {
        case .processes: return .processes
        case .podman:
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            guard let executable = RuntimeKind.findPodman(path: path) else {
                throw LocalClusterError("podman is not on the PATH; install it, or use --runtime processes")
            }
            return .podman(executable: executable)
        }
    }
}
