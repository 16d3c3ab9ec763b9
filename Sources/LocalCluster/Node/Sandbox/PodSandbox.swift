import KargoCore
import Synchronization

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

/// A Pod on this node: its directory, its shim, and what the node has heard of it.
final class PodSandbox: Sendable {
    /// How a shim ended.
    struct Outcome: Sendable {
        /// What has become of the containers; nil where none was started.
        var state: ShimState?
        /// Whether the shim ended before the Pod did.
        var isLost: Bool
        /// What the shim had to say, where it was lost.
        var complaint = ""
    }

    /// Whether there is a shim.
    enum Phase: Sendable {
        /// None yet.
        case idle
        /// One; nothing is heard of it yet where there is no state.
        case running(ShimConnection, ShimState?)
        /// No more.
        case ended(Outcome)
    }

    /// What is known at one moment.
    struct Snapshot: Sendable {
        /// What the node keeps.
        var record: PodRecord
        /// Whether there is a shim.
        var phase = Phase.idle
        /// Why the Pod can't be started.
        var blocker: PodBlocker?
        /// The grace period within which the shim was told to end the Pod, in seconds.
        var grace: Int64?
        /// When the shim was started, if this node has.
        var startedAt: ContinuousClock.Instant?
        /// How long to wait after the shim is lost.
        var backoff = RestartBackoff()
        /// When the Pod is started again.
        var restart: ContinuousClock.Instant?
    }

    private struct State {
        var snapshot: Snapshot
        var observers: [Int: @Sendable () -> Void] = [:]
        var nextObserver = 0
    }

    /// Which Pod it is.
    let key: PodKey
    /// Where it is kept.
    let directory: String

    private let state: Mutex<State>
    private let ends = WaitList<PodKey>()
    private let onChange: @Sendable (PodKey) -> Void

    /// Makes a Pod without a shim.
    ///
    /// - Parameters:
    ///   - record: What the node keeps of it.
    ///   - directory: Where.
    ///   - onChange: Hears that there is something new, on any thread.
    init(record: PodRecord, directory: String, onChange: @escaping @Sendable (PodKey) -> Void) {
        key = record.key
        self.directory = directory
        self.onChange = onChange
        state = Mutex(State(snapshot: Snapshot(record: record)))
    }

    /// What is known now.
    var snapshot: Snapshot { state.withLock(\.snapshot) }

    /// Changes what is known.
    func update(_ change: (inout Snapshot) -> Void) { state.withLock { change(&$0.snapshot) } }

    /// Writes what the node keeps.
    func saveRecord() throws { try StoredValue.write(snapshot.record, to: "\(directory)/\(PodFile.record)") }

    /// What the shim has noted and nobody was told of yet.
    func takeNotes() -> [PodNote] {
        state.withLock { state in
            let known: ShimState? =
                switch state.snapshot.phase {
                case .idle: nil
                case .running(_, let state): state
                case .ended(let outcome): outcome.state
                }
            let last = state.snapshot.record.lastNote ?? 0
            let notes = known?.notes.filter { $0.number > last } ?? []
            if let newest = notes.last { state.snapshot.record.lastNote = newest.number }
            return notes
        }
    }

    // MARK: The shim

    /// Starts a shim.
    ///
    /// - Parameters:
    ///   - spec: What it runs.
    ///   - executable: The program.
    ///   - locks: Open files that it holds as long as it lives.
    /// - Throws: What keeps it from starting; then there is none.
    func start(_ spec: ShimSpec, executable: String, locks: [Descriptor]) throws {
        try StoredValue.write(spec, to: "\(directory)/\(PodFile.spec)")
        // Or that of an earlier shim could be taken for that of this one.
        try FileSystem.remove("\(directory)/\(PodFile.state)")
        let shim = try ShimProcess.start(directory: directory, executable: executable, locks: locks)
        update { snapshot in
            snapshot.record.shim = shim
            snapshot.record.isSuspended = false
            snapshot.record.lastNote = nil
            snapshot.phase = .idle
            snapshot.blocker = nil
            snapshot.grace = nil
            snapshot.restart = nil
            snapshot.startedAt = .now
        }
        do {
            try saveRecord()
            try connect()
        } catch {
            // Nobody would ever hear of it.
            ShimProcess.collect(shim)
            throw error
        }
    }

    /// Takes over the shim that an earlier node has started, or takes note that it has ended.
    func adopt() throws {
        do {
            try connect()
        } catch let error as SystemError where [ECONNREFUSED, ENOENT].contains(error.code) {
            noteEnd()
        }
    }

    private func connect() throws {
        let connection = try ShimConnection(
            directory: directory,
            onState: { [weak self] state in self?.note(state) },
            onEnd: { [weak self] in self?.noteEnd() }
        )
        update { $0.phase = .running(connection, nil) }
        do {
            try connection.begin()
        } catch let error as SystemError where error.code == EPIPE {
            // It has ended, and the connection tells so.
            return
        }
    }

    private func note(_ state: ShimState) {
        update { snapshot in
            guard case .running(let connection, _) = snapshot.phase else { return }
            snapshot.phase = .running(connection, state)
        }
        tellOfChange()
    }

    private func noteEnd() {
        if let shim = snapshot.record.shim { ShimProcess.collect(shim) }
        let outcome = outcome()
        if outcome.isLost {
            ShimProcess.killRest(ofPod: key.uid)
            ShimProcess.removeContainers(ofPodIn: directory)
        }
        update { $0.phase = .ended(outcome) }
        ends.wakeAll()
        tellOfChange()
    }

    private func outcome() -> Outcome {
        var complaint = ""
        do {
            if let state = try StoredValue.read(ShimState.self, from: "\(directory)/\(PodFile.state)") {
                if state.phase == .finished { return Outcome(state: state, isLost: false) }
                return Outcome(state: state.lost(at: KubernetesMicroTime(Date())), isLost: true)
            }
            let log = try FileSystem.read("\(directory)/\(PodFile.shimLog)").suffix(1024)
            complaint = String(decoding: log, as: UTF8.self)
        } catch {
            complaint = "\(error)"
        }
        return Outcome(state: nil, isLost: true, complaint: complaint)
    }

    /// Tells the shim to do something; one that is gone needs nothing.
    func tell(_ command: ShimCommand) throws {
        guard case .running(let connection, _) = snapshot.phase else { return }
        do {
            try connection.send(command)
        } catch let error as SystemError where error.code == EPIPE || error.code == ECONNRESET {
            return
        }
    }

    /// Waits until there is no shim, or the task is cancelled.
    func waitUntilEnded() async { await ends.wait(for: key) { !isRunning } }

    private var isRunning: Bool {
        if case .running = snapshot.phase { true } else { false }
    }

    // MARK: Observers

    /// Calls somebody at every change, on any thread.
    ///
    /// - Returns: What ``forget(_:)`` wants.
    func observe(_ observer: @escaping @Sendable () -> Void) -> Int {
        state.withLock { state in
            state.nextObserver += 1
            state.observers[state.nextObserver] = observer
            return state.nextObserver
        }
    }

    /// Calls an observer no more.
    func forget(_ observation: Int) { state.withLock { $0.observers[observation] = nil } }

    /// Tells everybody that there is something new.
    func tellOfChange() {
        for observer in state.withLock({ Array($0.observers.values) }) { observer() }
        onChange(key)
    }

    /// Hears no more of the shim, which goes on.
    func disconnect() {
        guard case .running(let connection, _) = snapshot.phase else { return }
        connection.close()
    }
}
