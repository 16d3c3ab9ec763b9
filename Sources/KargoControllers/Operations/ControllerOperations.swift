import KubernetesClient
import Synchronization

/// What a controller tells those who run it: whether it lives, whether it is ready, and how much it does.
public final class ControllerOperations: Sendable {
    /// What the process is doing.
    public enum Stage: String, Sendable {
        /// It gets to know the cluster.
        case starting
        /// Another process works; this one waits for its end.
        case standby
        /// It works.
        case working
        /// It ends.
        case ending
    }

    private struct State {
        var stage = Stage.starting
        var sources: [any MetricSource] = []
        var loops: [String: @Sendable () async -> Void] = [:]
        var conditions: [String: @Sendable () -> Bool] = [:]
        var standbyProblem: @Sendable () -> String? = { nil }
    }

    private let state = Mutex(State())
    private let clock: any Clock<Duration>
    private let patience: Duration

    /// Makes the beginning of a process.
    ///
    /// - Parameters:
    ///   - patience: How long a loop may take to turn.
    ///   - clock: What that is measured with.
    public init(patience: Duration = .seconds(3), clock: any Clock<Duration> = .continuous) {
        self.patience = patience
        self.clock = clock
    }

    /// What the process is doing.
    public var stage: Stage { state.withLock(\.stage) }

    /// Takes note of what the process does now; its end is the last thing.
    public func note(_ stage: Stage) {
        state.withLock { if $0.stage != .ending { $0.stage = stage } }
    }

    /// Adds numbers.
    public func add(_ source: any MetricSource) { state.withLock { $0.sources.append(source) } }

    /// Adds what has to be known before the process is ready.
    ///
    /// - Parameters:
    ///   - name: Its name, for people.
    ///   - isKnown: Whether it is known.
    public func require(_ name: String, _ isKnown: @escaping @Sendable () -> Bool) {
        state.withLock { $0.conditions[name] = isKnown }
    }

    /// Adds what keeps a process that waits for the end of another from ever being the one that works.
    func watchStandby(_ problem: @escaping @Sendable () -> String?) { state.withLock { $0.standbyProblem = problem } }

    /// Adds a loop with its numbers, which has to turn as long as the process works.
    func watch<Key>(_ loop: ReconcileLoop<Key>, _ name: String) {
        state.withLock {
            $0.loops[name] = { await loop.turn() }
            $0.sources.append(LoopMetrics(name: name) { loop.statistics })
        }
    }

    // MARK: What is told

    /// The names of the loops that do not turn.
    func stuckLoops() async -> [String] {
        let loops = state.withLock { $0.stage == .ending ? [:] : $0.loops }
        guard !loops.isEmpty else { return [] }
        let stuck = StuckLoops(Set(loops.keys))
        await withTaskGroup(of: Bool.self) { group in
            for (name, turn) in loops {
                group.addTask {
                    await turn()
                    // A turn that is cancelled has not come to its end.
                    if !Task.isCancelled { stuck.remove(name) }
                    return false
                }
            }
            group.addTask { [clock, patience] in
                try? await clock.sleep(for: patience)
                return true
            }
            for await isOver in group where isOver || stuck.names.isEmpty { break }
            group.cancelAll()
        }
        return stuck.names.sorted()
    }

    private final class StuckLoops: Sendable {
        private let state: Mutex<Set<String>>

        init(_ names: Set<String>) { state = Mutex(names) }

        var names: Set<String> { state.withLock { $0 } }

        func remove(_ name: String) { state.withLock { _ = $0.remove(name) } }
    }

    /// What is still to come before the process is ready; nil if it is.
    ///
    /// A process that waits for the end of another is ready for that, if it can learn of it.
    func missing() -> [String]? {
        let (stage, conditions, standbyProblem) = state.withLock { ($0.stage, $0.conditions, $0.standbyProblem) }
        switch stage {
        case .standby: return standbyProblem().map { [$0] }
        case .ending: return ["the process ends"]
        case .starting, .working:
            var missing = conditions.filter { !$0.value() }.map { "\($0.key) not known yet" }.sorted()
            if missing.isEmpty, stage == .starting { missing = ["starting"] }
            return missing.isEmpty ? nil : missing
        }
    }

    /// All numbers.
    func metrics() -> [Metric] {
        let sources = state.withLock(\.sources)
        return sources.flatMap { $0.metrics() }
    }
}
