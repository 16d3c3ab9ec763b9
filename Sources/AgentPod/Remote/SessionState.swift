import KargoCore
import Synchronization

/// What an executor remembers of its agent.
final class SessionState: Sendable {
    /// An attempt that the agent has started.
    struct Attempt {
        var step: Int
        var kind: String
        /// When it began, by the clock of the node.
        var start: KubernetesMicroTime
        /// How often its container had been restarted before.
        var restarts: Int32
    }

    private struct State {
        var boot: String
        var counters: [String: Int] = [:]
        var current: Attempt?
    }

    private let state: Mutex<State>

    init(boot: String) {
        state = Mutex(State(boot: boot))
    }

    var boot: String { state.withLock(\.boot) }

    func begin(boot: String) { state.withLock { $0.boot = boot } }

    func begin(_ attempt: Attempt) { state.withLock { $0.current = attempt } }

    /// The attempt that was the last to start, once.
    func takeCurrent() -> Attempt? { state.withLock { $0.current.take() } }

    /// The counter of the last execution that this executor asked for.
    func lastCounter(_ prefix: String) -> Int? { state.withLock { $0.counters[prefix] } }

    func use(_ prefix: String, counter: Int) -> String {
        state.withLock { $0.counters[prefix] = counter }
        return "\(prefix)\(counter)"
    }
}
