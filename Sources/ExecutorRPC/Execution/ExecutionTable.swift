import KargoCore

/// Which executions there are and how they stand, as a value that decides and does nothing.
struct ExecutionTable {
    /// What becomes of a request to start an execution.
    enum Start: Equatable {
        /// It is new: run it.
        case run
        /// It was started before.
        case known
        /// Another one is going on.
        case refused(String)
    }

    /// The execution that was the last to start.
    private var latest: (id: String, result: StepResult?)?

    /// Starts an execution, unless it was started before.
    ///
    /// One runs at a time, as the steps of a Promotion do, and identifiers grow. Whoever starts the next has recorded
    /// the ends of all before, so those are forgotten: whatever comes before the latest has been.
    mutating func start(_ id: String) -> Start {
        if let latest {
            if latest.id == id || Self.precedes(id, latest.id) { return .known }
            if latest.result == nil { return .refused(latest.id) }
        }
        latest = (id, nil)
        return .run
    }

    private static let forgotten = StepResult.erroredForGood("the result was taken before and is forgotten")

    /// Records the end of an execution.
    mutating func finish(_ id: String, _ result: StepResult) {
        guard let latest, latest.id == id, latest.result == nil else { return }
        self.latest = (id, result)
    }

    /// How an execution stands: nil if there is none, a nil result if it goes on.
    func result(of id: String) -> StepResult?? {
        guard let latest else { return nil }
        if latest.id == id { return .some(latest.result) }
        return Self.precedes(id, latest.id) ? .some(Self.forgotten) : nil
    }

    /// The execution that was the last to start, if there was one.
    var all: [(id: String, result: StepResult?)] { latest.map { [$0] } ?? [] }

    /// Whether an identifier was given before another: its parts are compared from the left, as numbers if they are.
    private static func precedes(_ id: String, _ other: String) -> Bool {
        id.split(separator: ".")
            .lexicographicallyPrecedes(other.split(separator: ".")) { part, other in
                if let number = Int(part), let otherNumber = Int(other) { return number < otherNumber }
                return part < other
            }
    }
}
