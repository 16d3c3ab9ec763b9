/// How long a container waits before it starts again: not at all at first, then ten seconds, doubling up to five
/// minutes, and from the beginning after it has run for ten minutes; as the kubelet does.
struct RestartBackoff: Sendable, Hashable {
    private static let longest = Duration.seconds(300)
    private static let forgotten = Duration.seconds(600)

    private var next = Duration.zero

    /// The wait after a run.
    mutating func delay(afterRunning time: Duration) -> Duration {
        if time >= Self.forgotten { next = .zero }
        defer { next = next == .zero ? .seconds(10) : min(next * 2, Self.longest) }
        return next
    }

    /// The wait after a start that did not come to pass; never none at all, for nothing has changed meanwhile.
    mutating func delayAfterFailedCreation() -> Duration {
        next = max(next, .seconds(10))
        return delay(afterRunning: .zero)
    }
}
