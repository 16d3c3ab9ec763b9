// Its queues may be used from any thread, which the module does not say yet.
@preconcurrency import Dispatch
import KargoCore
import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A program that was started in a session of its own, so that the terminal's Ctrl-C does not reach it.
final class ChildProcess: Sendable {
    let pid: Int32
    private let hasEnded = Mutex(false)
    private let waiters = WaitList<Bool>()

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - executable: The file of the program.
    ///   - arguments: Its arguments, without its name.
    ///   - environment: Its environment.
    ///   - descriptors: The open files that it has as 0, 1 and 2.
    /// - Throws: ``CommandError``.
    init(executable: String, arguments: [String], environment: [String: String], descriptors: [FileDescriptor]) throws {
        #if canImport(Darwin)
        var actions: posix_spawn_file_actions_t?
        var attributes: posix_spawnattr_t?
        let newSession = Int16(POSIX_SPAWN_SETSID)
        #else
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        // POSIX_SPAWN_SETSID, which Swift's module of the C library leaves out.
        let newSession: Int16 = 0x80
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (number, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor.number, Int32(number))
        }
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF) | newSession
        posix_spawnattr_setflags(&attributes, flags)
        var argumentPointers = ([executable] + arguments).map { strdup($0) } + [nil]
        var environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in argumentPointers + environmentPointers { free(pointer) } }
        var pid: Int32 = 0
        let code = withExtendedLifetime(descriptors) {
            posix_spawn(&pid, executable, &actions, &attributes, &argumentPointers, &environmentPointers)
        }
        guard code == 0 else {
            throw CommandError("\(executable): can't be started: \(String(cString: strerror(code)))")
        }
        self.pid = pid
        DispatchQueue(label: "child process").async { self.awaitEnd() }
    }

    /// Waits, and blocks the thread, until the process has ended.
    private func awaitEnd() {
        var information = siginfo_t()
        // The number stays taken until waitpid, so nobody else gets a signal that is meant for the process.
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        hasEnded.withLock { hasEnded in
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            hasEnded = true
        }
        waiters.wakeAll()
    }

    /// Sends a signal, if the process has not ended.
    func send(_ signal: Int32) {
        hasEnded.withLock { hasEnded in
            if !hasEnded { kill(pid, signal) }
        }
    }

    /// Waits until the process has ended.
    func waitUntilEnded() async throws {
        while !hasEnded.withLock({ $0 }) {
            try Task.checkCancellation()
            await waiters.wait(for: true) { hasEnded.withLock { $0 } }
        }
    }

    /// Asks the process to end and waits; kills it if it takes too long.
    func stop(patience: Duration = .seconds(30)) async throws {
        send(SIGTERM)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Task.sleep(for: patience)
                self.send(SIGKILL)
                Console.note("process \(self.pid) did not end in \(patience) and was killed")
            }
            try await waitUntilEnded()
            group.cancelAll()
        }
    }
}
