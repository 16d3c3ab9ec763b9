import ArgoCompat
import ExecutorRPC
import KargoCore
import KubernetesClient

/// Runs steps in an agent.
///
/// ## Guarantees
/// An attempt is started once, whatever becomes of this controller or the connection: its identifier is made of the
/// step, the number of failed attempts before and a counter that goes on from what the agent knows. Cancelling the task
/// leaves the step going on, so that another controller can take it up; only the step's timeout ends it.
struct RemoteExecutor: StepExecutor {
    /// How long an agent whose Pod runs may be out of reach.
    private static let patience = Duration.seconds(120)
    /// How often a plugin's container may have been restarted before it is given up when it does not run.
    private static let maximumRestarts = 5
    /// How long a plugin's container may take to run before it is called.
    private static let startLimit = Duration.seconds(60)

    /// How long the cluster may take to tell that a container has stopped.
    var newsLimit = Duration.seconds(3)
    private let agent: @Sendable () throws -> any AgentConnection
    private let observer: PodObserver
    private let pod: ObjectKey
    /// The UID of the agent's Pod; nil where none was known when the executor was made.
    private let uid: String?
    private let containers: [String: String]
    private let kindsWithoutOutputs: Set<String>
    private let verify: @Sendable () async throws -> Void
    private let broker: PromotionBroker?
    private let state: SessionState
    private let logs: StepLogKeeper?
    private let backoff = Backoff(first: .milliseconds(100), longest: .seconds(5))

    /// Makes an executor.
    ///
    /// - Parameters:
    ///   - agent: Finds the agent.
    ///   - observer: What knows the Pod.
    ///   - pod: The agent's Pod.
    ///   - boot: Names the agent's life.
    ///   - containers: The containers of plugins by the kinds they run.
    ///   - kindsWithoutOutputs: The kinds of plugins that are not sent the outputs of earlier steps.
    ///   - verify: Makes sure that the Pod is as the controller made it; throws `WorkspaceLostError` if not.
    ///   - logs: Keeps what the steps write.
    ///   - broker: Answers what steps ask; nil refuses everything.
    init(
        agent: @escaping @Sendable () throws -> any AgentConnection,
        observer: PodObserver,
        pod: ObjectKey,
        boot: String,
        containers: [String: String],
        kindsWithoutOutputs: Set<String> = [],
        verify: @escaping @Sendable () async throws -> Void,
        logs: StepLogKeeper? = nil,
        broker: PromotionBroker? = nil
    ) {
        self.agent = agent
        self.broker = broker
        self.observer = observer
        self.pod = pod
        uid = observer.pod(pod)?.metadata.uid
        self.containers = containers
        self.kindsWithoutOutputs = kindsWithoutOutputs
        self.verify = verify
        self.logs = logs
        state = SessionState(boot: boot)
    }

    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        var step = step
        if kindsWithoutOutputs.contains(step.kind) { step.sharedState = [:] }
        let result: StepResult
        do {
            result = try await run(step, attempt: attempt, timeout: timeout)
        } catch let error as CancellationError {
            // The step goes on; whoever ends it keeps its log.
            throw error
        } catch {
            await keepLog()
            throw error
        }
        await keepLog()
        return result
    }

    /// Keeps what the attempt has written that was the last to start, unless that was done.
    func keepLog() async {
        guard let current = state.takeCurrent() else { return }
        let container = containers[current.kind] ?? AgentPodTemplate.agentContainer
        await logs?
            .keep(
                step: current.step,
                container: container,
                wasRestarted: restartCount(of: container) != current.restarts,
                since: current.start
            )
    }

    private func run(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        let start = ContinuousClock.now
        let prefix = "\(attempt.step).\(attempt.errorCount)."
        let container = containers[step.kind] ?? AgentPodTemplate.agentContainer
        do {
            if let problem = try await startFailure(ofKind: step.kind, timeout: timeout) { return .errored(problem) }
            let restarts = restartCount(of: container)
            let id = try await identifier(prefix)
            return try await withThrowingTaskGroup(of: StepResult?.self) { group in
                group.addTask {
                    let execution = ExecutionStart(id: id, step: step, timeout: timeout?.seconds)
                    return try await run(execution, attempt, start: start, timeout) {
                        state.begin(
                            SessionState.Attempt(step: attempt.step, kind: step.kind, start: $0, restarts: restarts)
                        )
                    }
                }
                group.addTask { await containerFailure(ofKind: step.kind, since: restarts) }
                group.addTask { try await podLoss() }
                defer { group.cancelAll() }
                var hasBrokenOff = false
                while let result = try await group.next() {
                    guard let result else { continue }
                    if !hasBrokenOff, result == .errored("the plugin \(PluginTransportError.brokenOff)") {
                        // Its container may have stopped; the cluster tells of that later than the connection.
                        hasBrokenOff = true
                        group.addTask {
                            try await ContinuousClock().sleep(for: newsLimit)
                            return result
                        }
                        continue
                    }
                    // What fails because the Pod goes is not the step's doing.
                    if result.status == .errored { try checkPod() }
                    // The plugin may be gone while the agent still waits for it.
                    if result.status == .errored { try? await agent().cancel(id) }
                    return result
                }
                throw CancellationError()
            }
        } catch let lost as AgentLost {
            return .errored(lost.description)
        }
    }

    // MARK: Executions

    /// The identifier of the attempt: that of an execution which an earlier pass started and did not record, else the
    /// next one.
    private func identifier(_ prefix: String) async throws -> String {
        // Asked for each attempt, because nothing may be sent to another life of the agent unseen.
        var list = try await reaching { try await $0.list() }
        while list.bootID != state.boot {
            try await verify()
            state.begin(boot: list.bootID)
            list = try await reaching { try await $0.list() }
        }
        if let last = state.lastCounter(prefix) { return state.use(prefix, counter: last + 1) }
        let known = list.executions.compactMap { report -> (counter: Int, result: StepResult?)? in
            guard report.id.hasPrefix(prefix), let counter = Int(report.id.dropFirst(prefix.count)) else { return nil }
            return (counter, report.result)
        }
        guard let last = known.max(by: { $0.counter < $1.counter }) else { return state.use(prefix, counter: 1) }
        // A step that is not done wants to be asked again, whether its answer was recorded or not.
        return state.use(prefix, counter: last.result?.status == .running ? last.counter + 1 : last.counter)
    }

    private func run(
        _ start: ExecutionStart,
        _ attempt: StepAttempt,
        start began: ContinuousClock.Instant,
        _ timeout: Duration?,
        onStart: (KubernetesMicroTime) -> Void
    ) async throws -> StepResult {
        var report = try await reaching { try await $0.start(start) }
        if let time = report.startedAt { onStart(time) }
        var rounds = 0
        while true {
            if let result = report.result { return result }
            let left = timeout.map { $0 - began.duration(to: .now) }
            if let left, left <= .zero {
                try await reaching { try await $0.cancel(start.id) }
                throw StepTimeoutError()
            }
            if !report.needs.isEmpty {
                rounds += 1
                guard rounds <= AgentProtocol.mostQuestions, report.needs.count <= AgentProtocol.mostQuestions else {
                    try await reaching { try await $0.cancel(start.id) }
                    return .erroredForGood("the agent asked the controller too much")
                }
                // A time that is up is seen above; the agent is told nothing then.
                guard let answers = try await answers(to: report.needs, of: start.step, attempt, within: left) else {
                    continue
                }
                // It took its time to find them, and another life of the agent must not have them.
                guard let next = try await reaching(checkingBoot: true, { try await $0.answer(start.id, answers) })
                else {
                    throw AgentLost.forgotten
                }
                report = next
                continue
            }
            let wait = left.map { min($0, AgentProtocol.longestWait) } ?? AgentProtocol.longestWait
            // The agent counts whole seconds; a shorter rest is waited for here.
            if wait < .seconds(1) {
                try await ContinuousClock().sleep(for: wait)
                report = try await reaching { try await $0.wait(for: start.id, limit: .zero) } ?? report
                continue
            }
            guard let next = try await reaching({ try await $0.wait(for: start.id, limit: wait) }) else {
                throw AgentLost.forgotten
            }
            report = next
        }
    }

    /// Answers what a step needs; nil when the time is up first.
    private func answers(
        to needs: [CapabilityRequest],
        of step: StepContext,
        _ attempt: StepAttempt,
        within limit: Duration?
    ) async throws -> ExecutionAnswers? {
        guard let broker else {
            let reason = "the controller answers no questions of steps"
            return ExecutionAnswers(needs.map { CapabilityAnswer(id: $0.id, reply: .refused(reason: reason)) })
        }
        return try await withThrowingTaskGroup(of: ExecutionAnswers?.self) { group in
            group.addTask { try await broker.answers(to: needs, of: step, attempt) }
            if let limit {
                group.addTask {
                    try await ContinuousClock().sleep(for: limit)
                    return nil
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// Asks the agent, again and again while it is out of reach and its Pod lives.
    ///
    /// Where that is told to, it looks first whether it is still the same life of the agent. To tell the agent which one
    /// is meant would not do: what runs in its place need not refuse.
    private func reaching<Answer: Sendable>(
        checkingBoot checksBoot: Bool = false,
        _ ask: (any AgentConnection) async throws -> Answer
    ) async throws -> Answer {
        var failures = 0
        let began = ContinuousClock.now
        while true {
            do {
                if failures > 0 || checksBoot { try await checkBoot() }
                let answer = try await ask(agent())
                if let report = answer as? ExecutionReport, report.bootID != state.boot { try await checkBoot() }
                return answer
            } catch let failure as AgentFailure {
                guard case .unreachable = failure else { throw AgentLost(description: failure.description) }
                try checkPod()
                guard began.duration(to: .now) < Self.patience else {
                    throw AgentLost(description: failure.description)
                }
                try await backoff.pause(afterFailures: failures)
                failures += 1
            }
        }
    }

    private func checkPod() throws(WorkspaceLostError) {
        guard let current = observer.pod(pod) else { throw WorkspaceLostError("the agent Pod is gone") }
        guard uid == nil || current.metadata.uid == uid else {
            throw WorkspaceLostError("another Pod took the agent Pod's place")
        }
        if case .lost(let reason) = PodDiagnosis(current) {
            throw WorkspaceLostError("the agent Pod was lost: \(reason)")
        }
    }

    /// Waits until the Pod is lost, whatever the agent says, which may be out of reach; nil when the task is cancelled.
    ///
    /// In a Pod that is being deleted the step may still end.
    private func podLoss() async throws -> StepResult? {
        while !Task.isCancelled {
            let current = observer.pod(pod)
            let isOver = [PodPhase.failed, PodPhase.succeeded].contains(current?.status.phase)
            if isOver || current?.metadata.deletionTimestamp == nil { try checkPod() }
            await observer.waitForChange(of: pod, from: current?.metadata.resourceVersion)
        }
        return nil
    }

    /// An agent that was started anew knows nothing of the step that was going on.
    private func checkBoot() async throws {
        let boot = try await agent().list().bootID
        guard boot != state.boot else { return }
        try await verify()
        state.begin(boot: boot)
        let status = observer.pod(pod)?.status.containerStatuses.first { $0.name == AgentPodTemplate.agentContainer }
        let ending = status?.lastState.terminated.map { " \($0.sentence)" } ?? " was restarted"
        throw AgentLost(description: "the agent\(ending)")
    }

    /// The attempt is lost with the agent's memory of it.
    private struct AgentLost: Error {
        let description: String

        static let forgotten = AgentLost(description: "the agent has forgotten the step")
    }

    // MARK: Containers

    private func status(of container: String) -> ContainerStatus? {
        guard let pod = observer.pod(pod) else { return nil }
        return (pod.status.initContainerStatuses + pod.status.containerStatuses).first { $0.name == container }
    }

    /// Waits until the container of a plugin runs: as long as it does not, another one could have its port.
    ///
    /// - Returns: Why it does not run; nil when it does, and for a kind that is no plugin's.
    private func startFailure(ofKind kind: String, timeout: Duration?) async throws -> String? {
        guard let name = containers[kind] else { return nil }
        let deadline = ContinuousClock.now + min(timeout ?? Self.startLimit, Self.startLimit)
        while true {
            try checkPod()
            let version = observer.pod(pod)?.metadata.resourceVersion
            let status = status(of: name)
            if status?.state.running != nil { return nil }
            let ended = (status?.state.terminated ?? status?.lastState.terminated).map { ": it \($0.sentence)" }
            // How often it was restarted says nothing of a server that ends after each call.
            let isHopeless = status?.isBackingOff == true && status?.restartCount ?? 0 > Self.maximumRestarts
            guard ContinuousClock.now < deadline, !isHopeless else {
                return "plugin container \(name) does not run\(ended ?? "")"
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await observer.waitForChange(of: pod, from: version) }
                // Cancelled as soon as the Pod has changed.
                group.addTask { try? await ContinuousClock().sleep(until: deadline) }
                await group.next()
                group.cancelAll()
            }
            try Task.checkCancellation()
        }
    }
    private func restartCount(of container: String) -> Int32 { status(of: container)?.restartCount ?? 0 }

    /// Waits until the container of a plugin has stopped; nil for a kind that is no plugin's, or when the task is
    /// cancelled.
    private func containerFailure(ofKind kind: String, since restarts: Int32) async -> StepResult? {
        guard let name = containers[kind] else { return nil }
        while !Task.isCancelled {
            let version = observer.pod(pod)?.metadata.resourceVersion
            if let status = status(of: name) {
                let hasStopped = status.restartCount > restarts || status.isBackingOff
                let ended = status.state.terminated ?? (hasStopped ? status.lastState.terminated : nil)
                if let ended { return .errored("plugin container \(name) \(ended.sentence)") }
                if status.isBackingOff { return .errored("plugin container \(name) stops again and again") }
            }
            await observer.waitForChange(of: pod, from: version)
        }
        return nil
    }
}

extension ContainerStatus {
    /// Whether the kubelet leaves some time between the container's starts, because it stops again and again.
    fileprivate var isBackingOff: Bool { state.waiting?.reason == "CrashLoopBackOff" }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
