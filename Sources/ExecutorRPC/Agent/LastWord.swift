import Synchronization

/// When the controller was last heard of.
final class LastWord<C: Clock>: Sendable where C.Duration == Duration {
    private let clock: C
    private let time: Mutex<C.Instant>

    /// Begins to listen.
    init(clock: C) {
        self.clock = clock
        time = Mutex(clock.now)
    }

    /// Takes note of a word.
    func note() { time.withLock { $0 = clock.now } }

    /// Waits until there was no word for so long.
    ///
    /// - Throws: `CancellationError`.
    func waitForSilence(of duration: Duration) async throws {
        while true {
            let end = time.withLock { $0.advanced(by: duration) }
            if clock.now >= end { return }
            try await clock.sleep(until: end, tolerance: nil)
        }
    }
}
