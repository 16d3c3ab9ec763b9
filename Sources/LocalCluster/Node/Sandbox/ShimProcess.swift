#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The process of a shim, seen from the node.
enum ShimProcess {
    /// Starts a shim.
    ///
    /// - Parameters:
    ///   - directory: The directory of the Pod, with its spec.
    ///   - executable: The program.
    ///   - locks: Open files that the shim holds as long as it lives.
    /// - Returns: The process; it listens already.
    /// - Throws: ``SystemError``.
    static func start(directory: String, executable: String, locks: [Descriptor]) throws -> ProcessIdentity {
        #if os(Linux)
        // Opened here, so that whoever connects later finds it, however long the shim takes to begin.
        let listener = try UnixSocket.listen(at: PodFile.socket, in: directory)
        let nothing = try Descriptor(open: "/dev/null", O_RDONLY)
        let log = try Descriptor(open: "\(directory)/\(PodFile.shimLog)", O_WRONLY | O_CREAT | O_APPEND)
        let pid = try ProcessSpawn(
            executable: executable,
            arguments: ["kargo-controller", PodShim.command, directory],
            environment: ProcessInfo.processInfo.environment,
            descriptors: [nothing, log, log, listener] + locks
        )
        .start()
        return ProcessTable.entry(pid)?.identity ?? ProcessIdentity(pid: pid, startTime: 0)
        #else
        throw LocalClusterError("Pods can be run on Linux only")
        #endif
    }

    /// Whether a shim is there.
    static func isAlive(_ shim: ProcessIdentity) -> Bool {
        #if os(Linux)
        ProcessTable.isAlive(shim)
        #else
        false
        #endif
    }

    /// Ends a shim that no longer listens, and collects it if this process has started it.
    static func collect(_ shim: ProcessIdentity) {
        #if os(Linux)
        guard let entry = ProcessTable.entry(shim.pid), entry.identity == shim else { return }
        if !entry.hasEnded { kill(shim.pid, SIGKILL) }
        var status: Int32 = 0
        guard waitpid(shim.pid, &status, 0) < 0 else { return }
        // Started by an earlier node, so the system collects it; it takes no longer than the kernel takes to kill.
        for _ in 0..<1000 where ProcessTable.isAlive(shim) { usleep(1000) }
        #endif
    }

    /// Removes what a runtime still knows of the containers of a Pod that was lost.
    static func removeContainers(ofPodIn directory: String) {
        #if os(Linux)
        do {
            guard let spec = try StoredValue.read(ShimSpec.self, from: "\(directory)/\(PodFile.spec)"),
                let program = spec.runtime.make(pod: directory).cleanup(spec.containers)
            else { return }
            let nothing = try Descriptor(open: "/dev/null", O_RDWR)
            let process = try ProcessSpawn(
                executable: program.executable,
                arguments: program.arguments,
                environment: ProcessInfo.processInfo.environment,
                descriptors: [nothing, nothing, nothing]
            )
            .start()
            var status: Int32 = 0
            waitpid(process, &status, 0)
        } catch {
            // The next container of that name takes its place.
            return
        }
        #endif
    }

    /// Kills what the containers of a Pod have started and what did not die with its shim.
    static func killRest(ofPod uid: String) {
        #if os(Linux)
        ProcessTable.killProcesses(mounting: "/\(PodDirectories.name)/\(uid)/")
        #endif
    }
}
