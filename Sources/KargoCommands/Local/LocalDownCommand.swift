import ArgumentParser
import KargoCore

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

struct LocalDownCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "down",
        abstract: "Stop the local cluster with its Pods, and the controller."
    )

    /// How long a process may take to end.
    private static let patience = Duration.seconds(30)

    @OptionGroup var local: LocalOptions

    func run() async throws {
        let installation = local.installation
        guard FileManager.default.fileExists(atPath: installation.dataDirectory) else {
            Console.write("nothing runs in \(installation.dataDirectory)\n")
            return
        }
        let lock = try await UpLock.take(installation)
        defer { lock.release() }
        var stopped = 0
        for part in [LocalInstallation.Part.controller, .cluster] {
            guard let running = try installation.running(part) else { continue }
            try await stop(part, running, of: installation)
            Console.write("\(part.title) (process \(running.pid)) stopped\n")
            stopped += 1
        }
        if stopped == 0 { Console.write("nothing runs in \(installation.dataDirectory)\n") }
    }

    private func stop(
        _ part: LocalInstallation.Part,
        _ running: LocalInstallation.Running,
        of installation: LocalInstallation
    ) async throws {
        guard kill(running.pid, SIGTERM) == 0 || errno == ESRCH else {
            throw CommandError(
                "the \(part.title) (process \(running.pid)) can't be stopped: \(String(cString: strerror(errno))); stop it as "
                    + "the user who started it"
            )
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(for: Self.patience)
                guard try installation.running(part)?.pid == running.pid else { return }
                kill(running.pid, SIGKILL)
                Console.note(
                    "the \(part.title) (process \(running.pid)) did not end in 30 s and was killed"
                        + (part == .cluster ? "; Pods may still run until the next \"kargo local up\"" : "")
                )
            }
            // A process that is killed lets go of its lock, so this ends.
            try await OwnThread.run { try installation.waitUntilStopped(part) }
            group.cancelAll()
        }
    }
}
