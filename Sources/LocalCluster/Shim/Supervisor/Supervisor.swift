#if os(Linux)
import CLinux

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Runs a Pod: performs what its ``PodLifecycle`` decides, and tells it what becomes of the processes.
///
/// One thread does everything, driven by poll(2).
final class Supervisor {
    private let start = ContinuousClock.now
    private let spec: ShimSpec
    private let signals: Descriptor
    private let socket: CommandSocket
    private var lifecycle: PodLifecycle
    private let runtime: any ContainerRuntime
    private var processes: [Int: ContainerProcess] = [:]
    private var checks: [CheckProcess] = []
    /// Outputs outlive their containers where something still holds them open.
    private var outputs: [ContainerOutput] = []
    private var published: ShimState?
    private var isClearing = false
    /// What removes the remains of containers, as long as it runs.
    private var cleanup: Int32?

    /// Makes the supervisor of a Pod; it does nothing until it runs.
    ///
    /// - Parameters:
    ///   - spec: The Pod.
    ///   - listener: The socket for commands.
    ///   - shim: This process.
    /// - Throws: ``SystemError``.
    init(spec: ShimSpec, listener: Descriptor, shim: ProcessIdentity) throws {
        self.spec = spec
        runtime = spec.runtime.make(pod: try FileSystem.realPath("."))
        socket = try CommandSocket(listener: listener)
        signals = try Self.takeSignals()
        lifecycle = PodLifecycle(spec: spec, shim: shim)
    }

    private static func takeSignals() throws -> Descriptor {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGPIPE] { sigaddset(&signals, signal) }
        try SystemError.check("hold back signals") { sigprocmask(SIG_BLOCK, &signals, nil) }
        let descriptor = Descriptor(try SystemError.check("take signals") { linux_signalfd(-1, &signals, O_CLOEXEC) })
        try descriptor.stopWaiting()
        return descriptor
    }

    /// Runs the Pod to its end.
    func run() throws {
        try publish()
        handle(.time)
        while lifecycle.phase != .finished {
            try publish()
            wait()
            if isClearing { clear() }
            handle(.time)
        }
        try publish()
    }

    private func publish() throws {
        let state = lifecycle.state
        guard state != published else { return }
        let line = try StoredValue.line(state)
        do {
            try FileSystem.replace(PodFile.state, with: line)
        } catch {
            // A full disk must not end the Pod; who is connected hears of it.
            Diagnostics.report("the state can't be written: \(error)")
        }
        socket.publish(line)
        published = state
    }

    private func handle(_ event: PodLifecycle.Event) {
        var events = [event]
        while let event = events.popLast() {
            for action in lifecycle.handle(event, at: .now(since: start)) {
                if let consequence = perform(action) { events.append(consequence) }
            }
        }
    }

    private func perform(_ action: PodLifecycle.Action) -> PodLifecycle.Event? {
        switch action {
        case .start(let index, let attempt):
            do {
                let process = try ContainerProcess(spec.containers[index], index: index, attempt: attempt)
                processes[index] = process
                outputs += process.outputs
                return nil
            } catch {
                return .notStarted(index, LaunchFailure(stage: .creation, message: "\(error)"))
            }
        case .terminate(let index):
            guard let process = processes[index] else { break }
            let (plan, hasStarted) = (spec.containers[index], process.hasStarted)
            runtime.terminate(plan, process: process.process.pid, hasStarted: hasStarted)
        case .kill(let index):
            guard let process = processes[index] else { break }
            runtime.kill(spec.containers[index], process: process.process.pid, hasStarted: process.hasStarted)
        case .check(let index, let kind):
            guard let process = processes[index] else { break }
            do {
                checks.append(try CheckProcess(kind, of: index, container: process.process))
            } catch {
                return .checked(index, kind, CheckResult(isSuccess: false, message: "\(error)"))
            }
        case .cancel(let index, let kind):
            for check in checks where check.index == index && check.kind == kind { check.cancel() }
            checks.removeAll { $0.index == index && $0.kind == kind }
        case .clear:
            isClearing = true
            startCleanup()
        }
        return nil
    }

    private func startCleanup() {
        guard let program = runtime.cleanup(spec.containers) else { return }
        do {
            let nothing = try Descriptor(open: "/dev/null", O_RDWR)
            cleanup = try ProcessSpawn(
                executable: program.executable,
                arguments: program.arguments,
                environment: ProcessInfo.processInfo.environment,
                descriptors: [nothing, nothing, nothing]
            )
            .start()
        } catch {
            Diagnostics.report("what is left of containers can't be removed: \(error)")
        }
    }

    // MARK: Waiting

    private enum Source {
        case signals
        case listener
        case client(CommandSocket.Client)
        case report(ContainerProcess)
        case output(ContainerOutput)
        case check(CheckProcess)
    }

    private func wait() {
        var sources: [(source: Source, descriptor: Descriptor, events: Int32)] = [
            (.signals, signals, POLLIN), (.listener, socket.listener, POLLIN),
        ]
        for client in socket.clients {
            sources.append((.client(client), client.descriptor, client.isBehind ? POLLIN | POLLOUT : POLLIN))
        }
        for process in processes.values where !process.hasStarted {
            sources.append((.report(process), process.report, POLLIN))
        }
        for check in checks where check.isWriting { sources.append((.check(check), check.output, POLLIN)) }
        for output in outputs {
            if let descriptor = output.descriptor { sources.append((.output(output), descriptor, POLLIN)) }
        }
        var entries = sources.map { pollfd(fd: $0.descriptor.number, events: Int16($0.events), revents: 0) }
        // Interrupted or failed, the loop comes back here.
        guard poll(&entries, nfds_t(entries.count), timeout) > 0 else { return }
        for (entry, source) in zip(entries, sources) where entry.revents != 0 {
            react(to: source.source, hasHungUp: entry.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0)
        }
        outputs.removeAll { $0.descriptor == nil }
    }

    /// In milliseconds; -1 for no end.
    private var timeout: Int32 {
        if isClearing { return 10 }
        guard let deadline = lifecycle.deadline else { return -1 }
        let rest = deadline - start.duration(to: .now)
        let milliseconds = rest / .milliseconds(1)
        return Int32(min(max(0, milliseconds.rounded(.up)), 3_600_000))
    }

    private func react(to source: Source, hasHungUp: Bool) {
        switch source {
        case .signals: takeSignals()
        case .listener: socket.acceptClients()
        case .client(let client):
            for command in socket.commands(of: client) { obey(command) }
            socket.flush(client)
            if hasHungUp { socket.drop(client) }
        case .report(let process): checkReport(of: process)
        case .output(let output): output.read()
        case .check(let check): check.read()
        }
    }

    private func obey(_ command: ShimCommand) {
        switch command {
        case .subscribe: break
        case .stop(let seconds): handle(.stop(grace: .seconds(seconds)))
        case .kill: handle(.kill)
        }
    }

    private func takeSignals() {
        // Each is told by the number in the first four bytes of 128: signalfd(2).
        do {
            while case .bytes(let bytes) = try signals.read(upTo: 128) {
                let number = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
                if [SIGTERM, SIGINT, SIGHUP].contains(Int32(number)) {
                    handle(.stop(grace: .seconds(spec.gracePeriodSeconds)))
                }
            }
        } catch {
            Diagnostics.report("signals can't be read: \(error)")
        }
        collect()
    }

    // MARK: Processes

    private func checkReport(of process: ContainerProcess) {
        switch process.readReport() {
        case .nothingYet: break
        case .hasBegun:
            process.noteStart()
            handle(.started(process.index, process.process))
        case .failure(let failure):
            // Its end is of no interest any more.
            processes[process.index] = nil
            handle(.notStarted(process.index, failure))
        }
    }

    /// Collects processes that have ended; false when this process has no children.
    @discardableResult
    private func collect() -> Bool {
        while true {
            // Looked at first and collected later: until then the number belongs to no other process.
            var info = siginfo_t()
            guard waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 else { return errno != ECHILD }
            let pid = info._sifields._sigchld.si_pid
            guard pid != 0 else { return true }
            let process = processes.values.first { $0.process.pid == pid }
            if let process, !process.hasStarted { checkReport(of: process) }
            if runtime.leavesProcesses, let process {
                process.killRest(sparing: processes.values.filter { $0 !== process })
            }
            var status: Int32 = 0
            guard waitpid(pid, &status, 0) == pid else { return true }
            if cleanup == pid { cleanup = nil }
            if let check = checks.first(where: { $0.pid == pid }) {
                checks.removeAll { $0 === check }
                handle(.checked(check.index, check.kind, check.result(status)))
                continue
            }
            guard let process, processes[process.index] === process else { continue }
            if !process.hasStarted {
                // It has ended before that was told.
                process.noteStart()
                handle(.started(process.index, process.process))
            }
            processes[process.index] = nil
            handle(.exited(process.index, process.exit(status)))
        }
    }

    /// Kills what containers left behind, until nothing is.
    private func clear() {
        guard collect() else {
            isClearing = false
            for output in outputs { output.drain() }
            handle(.cleared)
            return
        }
        guard cleanup == nil else { return }
        for entry in ProcessTable.descendants(of: getpid()) { kill(entry.identity.pid, SIGKILL) }
    }
}
#endif
