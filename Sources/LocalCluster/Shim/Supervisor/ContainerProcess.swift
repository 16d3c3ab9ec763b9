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

/// A container that was started: its first process, its output and what it left behind.
final class ContainerProcess {
    /// The number of the container in the spec.
    let index: Int
    /// The first process.
    let process: ProcessIdentity
    /// Says why the command could not begin; ends without a word when it has begun.
    let report: Descriptor
    /// What the container writes.
    let outputs: [ContainerOutput]
    /// Whether the command has begun.
    var hasStarted = false

    private let plan: ContainerPlan
    private let tail: SharedTail
    /// Keeps the namespace's number from being given to another as long as it is compared.
    private var namespace: Descriptor?

    /// Starts a container.
    ///
    /// - Parameters:
    ///   - plan: The container.
    ///   - index: Its number in the spec.
    ///   - attempt: The number of the start, counted from 0.
    /// - Throws: What keeps the process from being started.
    init(_ plan: ContainerPlan, index: Int, attempt: Int32) throws {
        self.plan = plan
        self.index = index
        let message = PodFile.terminationMessage(of: plan.name)
        try FileSystem.remove(message)
        try FileSystem.makeDirectory("containers/\(plan.name)")
        try FileSystem.replace(message, with: [], mode: 0o666)
        let log = try LogFile(directory: plan.logDirectory, attempt: attempt)
        let tail = SharedTail()
        self.tail = tail
        let (output, outputEnd) = try Descriptor.pipe()
        let (errors, errorsEnd) = try Descriptor.pipe()
        let (report, reportEnd) = try Descriptor.pipe()
        outputs = [
            ContainerOutput(output, .standardOutput, log: log, tail: tail),
            ContainerOutput(errors, .standardError, log: log, tail: tail),
        ]
        self.report = report
        let pid = try ProcessSpawn(
            executable: "/proc/self/exe",
            arguments: ["kargo-controller", PodShim.command, PodShim.containerOption, String(index), String(getpid())],
            environment: ProcessInfo.processInfo.environment,
            descriptors: [Descriptor(open: "/dev/null", O_RDONLY), outputEnd, errorsEnd, reportEnd]
        )
        .start()
        // A child that has ended keeps its entry until it is collected.
        process = ProcessTable.entry(pid)?.identity ?? ProcessIdentity(pid: pid, startTime: 0)
    }

    /// What the process reported so far.
    enum Report {
        case nothingYet
        case hasBegun
        case failure(LaunchFailure)
    }

    /// Reads the report.
    func readReport() -> Report {
        do {
            switch try report.read(upTo: 65_536) {
            case .nothingYet: return .nothingYet
            case .end: return .hasBegun
            case .bytes(let bytes): return .failure(try StoredValue.decode(LaunchFailure.self, from: bytes))
            }
        } catch {
            return .failure(LaunchFailure(stage: .creation, message: "the start of the container is unknown: \(error)"))
        }
    }

    /// Takes note that the command has begun.
    func noteStart() {
        hasStarted = true
        let path = "/proc/\(process.pid)/ns/mnt"
        guard let own = FileSystem.target(ofLink: "/proc/self/ns/mnt"), let other = FileSystem.target(ofLink: path),
            own != other
        else { return }
        do {
            namespace = try Descriptor(open: path, O_RDONLY)
        } catch {
            // It has ended already.
            return
        }
    }

    /// What all processes of the container, and no others, see of the file system.
    private var mounts: String? {
        if let namespace { return FileSystem.target(ofLink: "/proc/self/fd/\(namespace.number)") }
        return FileSystem.target(ofLink: "/proc/\(process.pid)/ns/mnt")
    }

    /// Kills all that the container has started, once its first process has ended but is not collected yet.
    ///
    /// - Parameter others: The Pod's other containers, which go on.
    func killRest(sparing others: [ContainerProcess]) {
        // Its number is not given to another process as long as it is not collected, nor is that of its group.
        kill(-process.pid, SIGKILL)
        let own = mounts
        // A process may have started another while it was looked for.
        for _ in 0..<100 {
            let all = ProcessTable.descendants(of: getpid())
            // One that has ended too early tells no more where it was: it is where nobody else is.
            let foreign =
                own == nil
                ? Set(others.compactMap(\.mounts) + [FileSystem.target(ofLink: "/proc/self/ns/mnt") ?? ""]) : []
            let rest = all.filter { entry in
                let pid = entry.identity.pid
                if pid == process.pid || others.contains(where: { $0.process.pid == pid }) { return false }
                if entry.session == process.pid { return true }
                guard let mounts = FileSystem.target(ofLink: "/proc/\(pid)/ns/mnt") else { return false }
                return own.map { $0 == mounts } ?? !foreign.contains(mounts)
            }
            if rest.isEmpty { return }
            for entry in rest { kill(entry.identity.pid, SIGKILL) }
        }
    }

    /// How the container ended, by what `waitpid` told.
    func exit(_ status: Int32) -> ContainerExit {
        for output in outputs { output.drain() }
        let signal = status & 0x7F
        let code = signal == 0 ? status >> 8 & 0xFF : 128 + signal
        return ContainerExit(code: code, signal: signal == 0 ? nil : signal, message: message(exitCode: code))
    }

    private func message(exitCode: Int32) -> String {
        var message = ""
        do {
            let bytes = try FileSystem.read(PodFile.terminationMessage(of: plan.name), limit: Self.longestMessage)
            message = String(decoding: bytes, as: UTF8.self)
        } catch {
            message = "the termination message can't be read: \(error)"
        }
        guard message.isEmpty, exitCode != 0, plan.fallsBackToLogs else { return message }
        return tail.value.text
    }

    /// As the kubelet has it.
    private static let longestMessage = 4096
}

/// The end of both outputs of a container.
final class SharedTail {
    var value = LogTail()
}
#endif
