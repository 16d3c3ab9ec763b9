import ExecutorRPC
import KargoCore
import Synchronization

/// An agent without a Pod: it keeps what it is told and ends executions when the test says so.
final class FakeAgent: AgentConnection {
    fileprivate struct State {
        var boot = "boot-1"
        var executions: [ExecutionReport] = []
        var calls: [String] = []
        var failures: [AgentFailure] = []
        var results: [StepResult] = []
        var outputs: [[String: JSONValue]] = []
    }

    private let state: Mutex<State>
    private let changes = WaitList<Bool>()

    /// Makes an agent whose executions end with these results as soon as they start; where there is none they go on.
    init(_ results: StepResult..., known: [ExecutionReport] = []) {
        var state = State()
        state.results = results
        state.executions = known
        self.state = Mutex(state)
    }

    // MARK: What tests do

    var calls: [String] { state.withLock(\.calls) }

    /// The outputs of earlier steps that each start brought along.
    var outputs: [[String: JSONValue]] { state.withLock(\.outputs) }

    /// Lets the next calls fail.
    func fail(_ failures: AgentFailure...) { state.withLock { $0.failures = failures } }

    /// Starts the agent anew: it has another name and forgets everything.
    func restart() {
        state.withLock { state in
            state.boot += "'"
            state.executions = []
        }
        changes.wakeAll()
    }

    /// Ends an execution.
    func finish(_ id: String, _ result: StepResult) {
        state.withLock { state in
            for index in state.executions.indices where state.executions[index].id == id {
                state.executions[index].result = result
            }
        }
        changes.wakeAll()
    }

    /// Waits until the agent has been asked something.
    func waitForCall(_ call: String) async {
        while !calls.contains(call) {
            await changes.wait(for: true) { calls.contains(call) }
        }
    }

    // MARK: What the controller does

    func start(_ start: ExecutionStart) async throws -> ExecutionReport {
        defer { changes.wakeAll() }
        return try state.withLock { state in
            try state.note("start \(start.id)")
            state.outputs.append(start.step.sharedState)
            if let known = state.executions.first(where: { $0.id == start.id }) { return known }
            var report = ExecutionReport(id: start.id, bootID: state.boot)
            if !state.results.isEmpty { report.result = state.results.removeFirst() }
            state.executions.append(report)
            return report
        }
    }

    func wait(for id: String, limit: Duration) async throws -> ExecutionReport? {
        try state.withLock { try $0.note("wait \(id) \(limit.components.seconds)") }
        changes.wakeAll()
        let boot = state.withLock(\.boot)
        while true {
            try Task.checkCancellation()
            let (report, isOver) = state.withLock { state in
                let report = state.executions.first { $0.id == id }
                return (report, report?.result != nil || state.boot != boot || !state.failures.isEmpty)
            }
            if isOver {
                try state.withLock { try $0.fail() }
                return report
            }
            await changes.wait(for: true) {
                state.withLock { state in
                    state.boot != boot || state.executions.contains { $0.id == id && $0.result != nil }
                }
            }
        }
    }

    func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport? {
        try state.withLock { try $0.note("answer \(id)") }
        return try await wait(for: id, limit: .zero)
    }

    func cancel(_ id: String) async throws {
        defer { changes.wakeAll() }
        try state.withLock { try $0.note("cancel \(id)") }
    }

    func list() async throws -> ExecutionList {
        defer { changes.wakeAll() }
        return try state.withLock { state in
            try state.note("list")
            return ExecutionList(bootID: state.boot, executions: state.executions)
        }
    }
}

extension FakeAgent.State {
    fileprivate mutating func note(_ call: String) throws {
        calls.append(call)
        try fail()
    }

    fileprivate mutating func fail() throws {
        if !failures.isEmpty { throw failures.removeFirst() }
    }
}
