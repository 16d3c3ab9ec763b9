import ArgumentParser
import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct LocalUpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Start what is missing of the local cluster.",
        discussion: """
            Runs until it is interrupted and then stops what it has started; with --detach it leaves that running. \
            Prints lines for a shell: eval "$(kargo local up --detach)" makes the cluster the one that kargo and \
            kubectl talk to.
            """
    )

    @OptionGroup var local: LocalOptions

    @Flag(name: [.customShort("d"), .long], help: "Come back when all of it is ready.")
    var detach = false

    /// What can run the containers of Pods.
    enum Runtime: String, CaseIterable, ExpressibleByArgument {
        case processes
        case podman
    }

    @Option(help: "What runs the containers of Pods: processes, or podman with their images.")
    var runtime: Runtime?

    func run() async throws {
        let installation = local.installation
        do {
            try FileManager.default.createDirectory(
                atPath: installation.dataDirectory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw CommandError("\(installation.dataDirectory): can't be made: \(error.reason)")
        }
        let session = LocalSession(
            installation,
            executable: try ExecutableSearch.current.find("kargo-controller"),
            life: detach ? .detached : .bound,
            environment: ProcessInfo.processInfo.environment,
            runtime: runtime?.rawValue
        )
        if detach {
            try await start(session, installation)
        } else {
            try await runInForeground(session, installation)
        }
    }

    private func start(_ session: LocalSession, _ installation: LocalInstallation) async throws {
        let lock = try await UpLock.take(installation)
        defer { lock.release() }
        do {
            Console.write(try await session.start().shellText)
        } catch {
            try await session.stop()
            throw error
        }
    }

    private func runInForeground(_ session: LocalSession, _ installation: LocalInstallation) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await TerminationSignals.wait() }
            group.addTask {
                try await start(session, installation)
                // Everything ran already: nothing to hold.
                if session.servers.isEmpty { return }
                try await session.waitForFailure()
            }
            do {
                try await group.next()
            } catch {
                try await end(session)
                group.cancelAll()
                throw error
            }
            try await end(session)
            group.cancelAll()
            // What was still starting has ended by our own doing.
            while let result = await group.nextResult() { _ = result }
        }
    }

    private func end(_ session: LocalSession) async throws {
        if !session.servers.isEmpty { Console.note("stopping") }
        try await session.stop()
    }
}
