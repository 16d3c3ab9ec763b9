import Synchronization

/// What can go wrong between a client and an API server.
enum Fault: Sendable, Hashable {
    /// The request takes its time.
    case delay(milliseconds: Int)
    /// The connection is closed before the server has heard of the request.
    case hangUp
    /// The server does what it was asked, and nobody hears of it.
    case loseAnswer
    /// The answer is this status.
    case status(Int, retryAfter: Int? = nil)
    /// The answer breaks off in the middle of its first piece.
    case cut
}

/// Numbers that are the same for the same seed.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Decides which requests go wrong, and how.
final class FaultPlan: Sendable {
    private struct State {
        var numbers: SeededNumbers
        var rate = 0.0
        var script: [(fault: Fault, isMeant: @Sendable (AskedRequest) -> Bool)] = []
        var made: [Fault: Int] = [:]
    }

    private let state: Mutex<State>

    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - seed: What the chances are drawn from.
    ///   - rate: How many of the requests go wrong, between 0 and 1.
    init(seed: UInt64 = 0, rate: Double = 0) {
        var state = State(numbers: SeededNumbers(seed: seed))
        state.rate = rate
        self.state = Mutex(state)
    }

    /// How often each thing went wrong.
    var made: [Fault: Int] { state.withLock(\.made) }

    /// Lets the next request go wrong that is meant.
    func inject(_ faults: Fault..., where isMeant: @escaping @Sendable (AskedRequest) -> Bool) {
        state.withLock { state in state.script += faults.map { ($0, isMeant) } }
    }

    /// Whether everything has gone wrong that was to.
    var isSpent: Bool { state.withLock(\.script.isEmpty) }

    /// What goes wrong with a request.
    func fault(of request: AskedRequest) -> Fault? {
        state.withLock { state in
            let fault: Fault?
            if let index = state.script.firstIndex(where: { $0.isMeant(request) }) {
                fault = state.script.remove(at: index).fault
            } else if state.rate > 0, Double.random(in: 0..<1, using: &state.numbers) < state.rate {
                fault = Self.faults(of: request).randomElement(using: &state.numbers)
            } else {
                fault = nil
            }
            if let fault { state.made[fault, default: 0] += 1 }
            return fault
        }
    }

    /// What an API server, or the way to it, does with such a request on a bad day.
    private static func faults(of request: AskedRequest) -> [Fault] {
        var faults: [Fault] = [
            .delay(milliseconds: 50), .hangUp, .status(429, retryAfter: 1), .status(500), .status(503),
        ]
        if request.isWrite { faults += [.loseAnswer, .loseAnswer, .status(409), .status(409)] }
        if request.verb == "watch" { faults += [.cut, .cut, .status(410)] }
        if request.verb == "list" || request.verb == "get" { faults += [.cut] }
        return faults
    }
}
