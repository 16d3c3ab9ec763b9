import Synchronization

/// How fast a client may send requests: so many at once, and so many a second in the long run.
public struct RequestRate: Sendable, Hashable {
    /// Requests a second.
    public var perSecond: Double
    /// Requests at once, after a pause.
    public var burst: Int

    /// What Kargo's components and kubectl keep to.
    public static let kubernetes = RequestRate(perSecond: 50, burst: 300)

    /// Makes a rate; both numbers must be greater than zero.
    public init(perSecond: Double, burst: Int) {
        precondition(perSecond > 0 && burst > 0)
        self.perSecond = perSecond
        self.burst = burst
    }
}

/// A bucket that fills with a token at a time; each request takes one, those that find none wait in order.
struct TokenBucket: Sendable {
    private let rate: RequestRate
    private var tokens: Double
    private var filledAt = Duration.zero

    init(_ rate: RequestRate) {
        self.rate = rate
        tokens = Double(rate.burst)
    }

    /// Takes a token and returns how long it is until it is there.
    mutating func take(at now: Duration) -> Duration {
        if now > filledAt {
            tokens = min(tokens + (now - filledAt) / .seconds(1) * rate.perSecond, Double(rate.burst))
            filledAt = now
        }
        tokens -= 1
        return tokens >= 0 ? .zero : .seconds(-tokens / rate.perSecond)
    }
}

/// Holds requests back so that they keep to a ``RequestRate``.
final class RequestLimiter: Sendable {
    private let bucket: Mutex<TokenBucket>
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration

    init(_ rate: RequestRate, clock: any Clock<Duration>) {
        bucket = Mutex(TokenBucket(rate))
        self.clock = clock
        elapsed = clock.stopwatch
    }

    /// Waits until the next request may be sent.
    func wait() async throws {
        let pause = bucket.withLock { $0.take(at: elapsed()) }
        if pause > .zero { try await clock.sleep(for: pause) }
    }
}
