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

    private struct Entry {
        var id: String
        var result: StepResult?
    }

    private var entries: [Entry] = []

    /// Starts an execution, unless it was started before.
    ///
    /// One runs at a time, as the steps of a Promotion do. Whoever starts the next has recorded the ends of all before,
    /// so those are forgotten; only that they were is remembered.
    mutating func start(_ id: String) -> Start {
        if entries.contains(where: { $0.id == id }) { return .known }
        if let running = entries.first(where: { $0.result == nil }) { return .refused(running.id) }
        for index in entries.indices { entries[index].result = Self.forgotten }
        entries.append(Entry(id: id))
        return .run
    }

    private static let forgotten = StepResult.erroredForGood("the result was taken before and is forgotten")

    /// Records the end of an execution.
    mutating func finish(_ id: String, _ result: StepResult) {
        guard let index = entries.firstIndex(where: { $0.id == id }), entries[index].result == nil else { return }
        entries[index].result = result
    }

    /// How an execution stands: nil if there is none, a nil result if it goes on.
    func result(of id: String) -> StepResult?? {
        entries.first { $0.id == id }.map(\.result)
    }

    /// All executions in the order of their start.
    var all: [(id: String, result: StepResult?)] { entries.map { ($0.id, $0.result) } }
}
