/// What a ``ReconcileLoop`` has done, and what it has to do.
public struct ReconcileStatistics: Sendable, Hashable {
    /// How a look at an object ended.
    public enum Outcome: Sendable, Hashable, CaseIterable {
        /// There is nothing to do until the object changes.
        case done
        /// Another look is due after a time.
        case requeued
        /// Another look is due after a time that grows.
        case backedOff
        /// It failed.
        case failed
    }

    /// How many ended in which way; those that were cancelled are not counted.
    public internal(set) var outcomes: [Outcome: Int] = [:]
    /// How long those took.
    public internal(set) var durations = DurationHistogram()
    /// How many keys are due and wait for a worker.
    public internal(set) var dueCount = 0
    /// How many keys are worked on.
    public internal(set) var workingCount = 0
    /// How many may be worked on at a time.
    public internal(set) var maximumConcurrency = 0
}

/// How many durations there were of which length.
public struct DurationHistogram: Sendable, Hashable {
    /// The upper limits of the classes in seconds, each including its limit; what is longer is in one class more.
    ///
    /// A Promotion may take an hour.
    public static let limits = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]

    /// How many there were in each class.
    public private(set) var counts = [Int](repeating: 0, count: Self.limits.count + 1)
    /// All durations together, in seconds.
    public private(set) var sum = 0.0

    /// Makes an empty histogram.
    public init() {}

    /// Counts a duration.
    public mutating func add(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        counts[Self.limits.firstIndex { seconds <= $0 } ?? Self.limits.count] += 1
        sum += seconds
    }
}
