import Synchronization

/// Whether a Lease can be read and written, which who waits for it need not notice otherwise.
final class LeaseContact: Sendable {
    private struct State {
        var answeredAt = Duration.zero
        var isTold = false
        /// What went wrong last.
        var reason = ""
    }

    private let state = Mutex(State())
    private let limit: Duration
    private let elapsed: @Sendable () -> Duration

    /// Makes the record of a process that has just begun.
    ///
    /// - Parameters:
    ///   - limit: How long it may go without an answer.
    ///   - clock: What that is measured with.
    init(limit: Duration, clock: any Clock<Duration>) {
        self.limit = limit
        elapsed = clock.stopwatch
    }

    /// Takes note that the server did what it was asked, or said that somebody else was faster.
    func answered() {
        state.withLock { $0 = State(answeredAt: elapsed()) }
    }

    /// Takes note of a failure.
    ///
    /// - Returns: Whether it has gone on for so long with this one that somebody has to be told.
    func failed(_ reason: String) -> Bool {
        state.withLock { state in
            state.reason = reason
            guard !state.isTold, elapsed() - state.answeredAt >= limit else { return false }
            state.isTold = true
            return true
        }
    }

    /// What has gone wrong for too long; nil if nothing has.
    var problem: String? {
        state.withLock { state in
            let time = elapsed() - state.answeredAt
            guard time >= limit, !state.reason.isEmpty else { return nil }
            return "could not be read or written for \(time.components.seconds) s: \(state.reason)"
        }
    }
}
