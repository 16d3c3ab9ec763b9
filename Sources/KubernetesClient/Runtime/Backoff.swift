/// Pauses that double with every failure up to a limit, varied a little so that many do not come at once.
public struct Backoff: Sendable {
    private let first: Duration
    private let longest: Duration
    private let clock: any Clock<Duration>
    private let jitter: @Sendable () -> Double
    /// How much time has gone by since this was made.
    let elapsed: @Sendable () -> Duration

    /// Makes pauses.
    ///
    /// - Parameters:
    ///   - first: The pause after the first failure.
    ///   - longest: The longest pause.
    ///   - clock: What they are measured with.
    ///   - jitter: A number between 0 and 1; a pause becomes up to a tenth longer by it.
    public init(
        first: Duration,
        longest: Duration,
        clock: any Clock<Duration> = .continuous,
        jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.first = first
        self.longest = longest
        self.clock = clock
        self.jitter = jitter
        elapsed = clock.stopwatch
    }

    /// How long to wait when so many attempts have failed before this one.
    public func duration(afterFailures failures: Int) -> Duration {
        min(first * (1 << min(failures, 30)), longest) * (1 + 0.1 * jitter())
    }

    /// Waits; see ``duration(afterFailures:)``.
    ///
    /// - Parameters:
    ///   - failures: How many attempts have failed before this one.
    ///   - error: What this one failed with; if it is a server's that asks to be left alone for longer, so it is.
    /// - Throws: `CancellationError`.
    public func pause(afterFailures failures: Int, of error: (any Error)? = nil) async throws {
        let least = (error as? KubernetesError)?.retryAfter ?? .zero
        try await pause(for: max(duration(afterFailures: failures), least))
    }

    /// Waits for so long.
    func pause(for duration: Duration) async throws { try await clock.sleep(for: duration) }
}
