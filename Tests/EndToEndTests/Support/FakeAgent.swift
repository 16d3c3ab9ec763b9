import ExecutorRPC
import KargoCore
import KubernetesClient
import Synchronization

/// The agents of Pods that nobody runs: they answer where a certificate is shown that the test has published.
final class FakeAgent: AgentConnection {
    private struct State {
        var boot = "boot-1"
        var executions: [ExecutionReport] = []
        var calls: [String] = []
        var certificate: String?
        var isGone = false
    }

    private let state = Mutex(State())
    private let changes = WaitList<Bool>()

    // MARK: What tests do

    /// The executions that were started, in order.
    var starts: [String] { state.withLock { $0.calls.filter { $0.hasPrefix("start") } } }

    /// Another container with another memory: it has another name and remembers nothing.
    func restart() {
        state.withLock { state in
            state.boot += "'"
            state.executions = []
            state.isGone = false
        }
        changes.wakeAll()
    }

    /// Its node is silent; it is out of reach until it is restarted.
    func vanish() {
        state.withLock { $0.isGone = true }
        changes.wakeAll()
    }

    /// The certificate that it has from now on; nil for whatever is expected of it.
    func show(certificate: String?) { state.withLock { $0.certificate = certificate } }

    /// Ends an execution.
    func finish(_ id: String, _ result: StepResult) {
        state.withLock { state in
            for index in state.executions.indices where state.executions[index].id == id {
                state.executions[index].result = result
            }
        }
        changes.wakeAll()
    }

    /// Waits until so many executions were started, and returns the last.
    @discardableResult
    func waitForStarts(_ count: Int) async throws -> String {
        while starts.count < count {
            try Task.checkCancellation()
            await changes.wait(for: true) { starts.count >= count }
        }
        return String(starts[count - 1].dropFirst("start ".count))
    }

    /// Waits until an execution was cancelled.
    func waitForCancellation(of id: String) async throws {
        while !state.withLock({ $0.calls.contains("cancel \(id)") }) {
            try Task.checkCancellation()
            await changes.wait(for: true) { state.withLock { $0.calls.contains("cancel \(id)") } }
        }
    }

    /// The agent as a controller finds it that expects a certificate.
    func expecting(_ certificate: String) -> any AgentConnection { Pinned(agent: self, certificate: certificate) }

    private struct Pinned: AgentConnection {
        let agent: FakeAgent
        let certificate: String

        private func check() throws {
            try agent.state.withLock { state in
                if state.isGone { throw AgentFailure.unreachable("nobody answers") }
                if let shown = state.certificate, shown != certificate { throw AgentFailure.untrusted }
            }
        }

        func start(_ start: ExecutionStart) async throws -> ExecutionReport {
            try check()
            return try await agent.start(start)
        }

        func wait(for id: String, limit: Duration) async throws -> ExecutionReport? {
            try check()
            return try await agent.wait(for: id, limit: limit)
        }

        func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport? {
            try check()
            return try await agent.answer(id, answers)
        }

        func cancel(_ id: String) async throws {
            try check()
            try await agent.cancel(id)
        }

        func list() async throws -> ExecutionList {
            try check()
            return try await agent.list()
        }
    }

    // MARK: What the controller does

    func start(_ start: ExecutionStart) async throws -> ExecutionReport {
        defer { changes.wakeAll() }
        return state.withLock { state in
            if let known = state.executions.first(where: { $0.id == start.id }) { return known }
            state.calls.append("start \(start.id)")
            let report = ExecutionReport(id: start.id, bootID: state.boot)
            state.executions.append(report)
            return report
        }
    }

    func wait(for id: String, limit: Duration) async throws -> ExecutionReport? {
        let boot = state.withLock(\.boot)
        while true {
            try Task.checkCancellation()
            let report = state.withLock { state in state.executions.first { $0.id == id } }
            if state.withLock(\.isGone) { throw AgentFailure.unreachable("nobody answers") }
            if report?.result != nil || state.withLock(\.boot) != boot { return report }
            await changes.wait(for: true) {
                state.withLock { state in
                    state.isGone || state.boot != boot
                        || state.executions.contains { $0.id == id && $0.result != nil }
                }
            }
        }
    }

    func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport? {
        try await wait(for: id, limit: .zero)
    }

    func cancel(_ id: String) async throws {
        state.withLock { $0.calls.append("cancel \(id)") }
        changes.wakeAll()
    }

    func list() async throws -> ExecutionList {
        state.withLock { ExecutionList(bootID: $0.boot, executions: $0.executions) }
    }
}
