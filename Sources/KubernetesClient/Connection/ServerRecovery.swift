import Synchronization

/// Whether the server was out of reach a moment ago.
///
/// One that was started anew refuses everybody until it has read who may do what, and then lets the same requests pass.
final class ServerRecovery: Sendable {
    private enum State {
        case sure
        case lost
        case back(since: ContinuousClock.Instant)
    }

    /// How long the server's refusals are in doubt after its first answer.
    private static let limit = Duration.seconds(10)

    private let state = Mutex(State.sure)

    /// Takes note that a connection broke, or that none could be made.
    func noteLoss() { state.withLock { $0 = .lost } }

    /// Takes note of an answer.
    ///
    /// - Returns: Whether a refusal may be one of a server that does not know better yet.
    func noteAnswer() -> Bool {
        state.withLock { state in
            switch state {
            case .sure: return false
            case .lost:
                state = .back(since: .now)
                return true
            case .back(let since):
                if since.duration(to: .now) < Self.limit { return true }
                state = .sure
                return false
            }
        }
    }
}
