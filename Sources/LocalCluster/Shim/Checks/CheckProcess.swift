#if os(Linux)
#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A check that is being made, by a process of its own: only one with a single thread can enter a container.
final class CheckProcess {
    /// The number of the container in the spec.
    let index: Int
    /// What is checked.
    let kind: CheckKind
    /// The process.
    let pid: Int32
    /// What it writes.
    let output: Descriptor

    private var text = CheckOutput()

    /// Starts a check.
    ///
    /// - Parameters:
    ///   - kind: What is checked.
    ///   - index: The number of the container in the spec.
    ///   - container: The process that stands for the container.
    /// - Throws: What keeps the process from being started.
    init(_ kind: CheckKind, of index: Int, container: ProcessIdentity) throws {
        self.index = index
        self.kind = kind
        let (reading, writing) = try Descriptor.pipe()
        output = reading
        pid = try ProcessSpawn(
            executable: "/proc/self/exe",
            arguments: [
                "kargo-controller", PodShim.command, PodShim.checkOption, String(index), kind.rawValue,
                String(container.pid), String(getpid()),
            ],
            environment: ProcessInfo.processInfo.environment,
            descriptors: [Descriptor(open: "/dev/null", O_RDONLY), writing, writing]
        )
        .start()
    }

    /// Whether it may still write something.
    var isWriting: Bool { !text.hasEnded }

    /// Takes what was written.
    func read() { text.read(output) }

    /// Gives the check up.
    func cancel() { kill(-pid, SIGKILL) }

    /// How it went, by what `waitpid` told.
    func result(_ status: Int32) -> CheckResult {
        read()
        let signal = status & 0x7F
        let code = signal == 0 ? status >> 8 & 0xFF : 128 + signal
        var message = text.text
        while message.last?.isNewline == true { message.removeLast() }
        if code != 0, message.isEmpty { message = "exit code \(code)" }
        return CheckResult(isSuccess: code == 0, message: message)
    }
}
#endif
