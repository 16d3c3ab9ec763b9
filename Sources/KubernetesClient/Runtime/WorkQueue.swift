import DequeModule
import HeapModule

/// Which keys are to be worked on and when, as a value that decides and does nothing.
///
/// Times are counted from any fixed moment.
///
/// ## Guarantees
/// A key is worked on by one worker at a time; what is added meanwhile makes it due again afterwards. Of two times at
/// which a key is due the earlier one counts.
struct WorkQueue<Key: Hashable & Sendable>: Sendable {
    /// What a worker should do.
    enum Next: Equatable {
        /// Work on the key and call ``finish(_:)``.
        case work(Key)
        /// Nothing is due before then.
        case wait(until: Duration)
        /// Nothing is due at all.
        case idle
    }

    private struct Timer: Comparable {
        var deadline: Duration
        var key: Key

        static func < (first: Timer, second: Timer) -> Bool { first.deadline < second.deadline }
        static func == (first: Timer, second: Timer) -> Bool { first.deadline == second.deadline }
    }

    private var due: Deque<Key> = []
    private var isDue: Set<Key> = []
    private var working: Set<Key> = []
    /// Keys that became due while they were worked on.
    private var dueAgain: Set<Key> = []
    /// May hold timers that were replaced; the one in ``deadlines`` counts.
    private var timers = Heap<Timer>()
    private var deadlines: [Key: Duration] = [:]

    /// Makes a key due now.
    mutating func add(_ key: Key) {
        deadlines[key] = nil
        if working.contains(key) {
            dueAgain.insert(key)
        } else if isDue.insert(key).inserted {
            due.append(key)
        }
    }

    /// Makes a key due at a time, unless it is due earlier.
    mutating func add(_ key: Key, at deadline: Duration) {
        guard !isDue.contains(key), !dueAgain.contains(key) else { return }
        if let known = deadlines[key], known <= deadline { return }
        deadlines[key] = deadline
        timers.insert(Timer(deadline: deadline, key: key))
    }

    /// What to do at a time.
    mutating func next(at now: Duration) -> Next {
        while let timer = timers.min, timer.deadline <= now {
            timers.removeMin()
            if deadlines[timer.key] == timer.deadline { add(timer.key) }
        }
        if let key = due.popFirst() {
            isDue.remove(key)
            working.insert(key)
            return .work(key)
        }
        while let timer = timers.min {
            if deadlines[timer.key] == timer.deadline { return .wait(until: timer.deadline) }
            timers.removeMin()
        }
        return .idle
    }

    /// Ends the work on a key.
    mutating func finish(_ key: Key) {
        working.remove(key)
        if dueAgain.remove(key) != nil { add(key) }
    }

    /// How many keys are due.
    var dueCount: Int { due.count + dueAgain.count }

    /// How many keys are worked on.
    var workingCount: Int { working.count }
}
