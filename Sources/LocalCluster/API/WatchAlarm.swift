import Synchronization

/// When a watch has to look up although nothing happens: to say that it is still there, and at its end.
///
/// One sleeping task for the whole watch, however often it waits for events.
final class WatchAlarm: Sendable {
    /// How soon the alarm goes off again at the earliest.
    private static let pause = Duration.seconds(1)

    private let clock: ContinuousClock
    private let end: ContinuousClock.Instant
    private let lastWord: Mutex<ContinuousClock.Instant>

    /// Makes an alarm of a watch that begins now.
    init(clock: ContinuousClock, end: ContinuousClock.Instant) {
        self.clock = clock
        self.end = end
        lastWord = Mutex(clock.now)
    }

    /// Whether the time of the watch is up.
    var isOver: Bool { clock.now >= end }

    /// Whether the watch has said nothing for so long that its client may wonder.
    var isSilent: Bool { clock.now >= silence }

    private var silence: ContinuousClock.Instant { lastWord.withLock { $0 } + APIHandler.bookmarkInterval }

    /// Notes that the watch has said something.
    func hasSpoken() { lastWord.withLock { $0 = clock.now } }

    /// Calls whenever the watch has to look up, until the task is cancelled.
    func run(_ lookUp: () -> Void) async {
        do {
            while true {
                let earliest = clock.now + Self.pause
                try await clock.sleep(until: isOver ? earliest : min(end, max(silence, earliest)))
                if isOver || isSilent { lookUp() }
            }
        } catch {
            // Cancelled.
        }
    }
}
