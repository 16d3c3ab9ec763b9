import Synchronization

/// The executors of the Promotions whose agents this controller has prepared.
final class AgentSessions: Sendable {
    private let executors = Mutex<[String: RemoteExecutor]>([:])

    func begin(_ uid: String, _ executor: RemoteExecutor) { executors.withLock { $0[uid] = executor } }

    /// Whether this controller has prepared the agent of a Promotion.
    func has(_ uid: String) -> Bool { executors.withLock { $0[uid] != nil } }

    /// Forgets the executor of a Promotion and returns it.
    func end(_ uid: String) -> RemoteExecutor? { executors.withLock { $0.removeValue(forKey: uid) } }
}
