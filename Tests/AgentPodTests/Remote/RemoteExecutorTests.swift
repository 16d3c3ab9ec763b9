import ExecutorRPC
import KargoCore
import KubernetesClient
import Logging
import Testing

@testable import AgentPod

@Suite("Remote executor", .timeLimit(.minutes(1)))
struct RemoteExecutorTests {
    private static let podName = "promotion-agent-uid-1"
    private let cluster = PodCluster()

    /// The agent's Pod with its two containers running.
    private static func pod() -> Pod {
        var pod = Pod()
        pod.metadata.name = podName
        pod.metadata.namespace = "demo"
        pod.metadata.labels["kargo-extended.code.org/promotion-agent"] = "true"
        pod.status.phase = "Running"
        pod.status.podIP = "10.0.0.7"
        pod.status.containerStatuses = [status("promotion-agent")]
        pod.status.initContainerStatuses = [status("probe-step-plugin")]
        return pod
    }

    private static func status(_ name: String) -> ContainerStatus {
        var status = ContainerStatus()
        status.name = name
        status.state.running = ContainerStateRunning()
        return status
    }

    private static func stop(_ status: inout ContainerStatus, _ reason: String, _ code: Int32, message: String = "") {
        var terminated = ContainerStateTerminated()
        terminated.reason = reason
        terminated.exitCode = code
        terminated.message = message
        status.state = ContainerState()
        status.state.terminated = terminated
    }

    private static let step = StepContext(
        kind: "probe",
        alias: "step-1",
        config: [:],
        workDir: "/workspace",
        privateDir: "/tmp",
        sharedState: [:],
        promotion: PromotionContext()
    )

    /// Hands an executor of an agent, whose Pod is known, to the body.
    private func withExecutor<Result: Sendable>(
        _ agent: FakeAgent,
        _ body: @escaping @Sendable (RemoteExecutor, PodObserver) async throws -> Result
    ) async throws -> Result {
        try cluster.add(Self.pod())
        let observer = PodObserver(api: cluster, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await observer.run() }
            await observer.waitUntilSynced()
            let executor = RemoteExecutor(
                agent: { agent },
                observer: observer,
                pod: ObjectKey(namespace: "demo", name: Self.podName),
                boot: "boot-1",
                containers: ["probe": "probe-step-plugin"],
                verify: {}
            )
            defer { group.cancelAll() }
            return try await body(executor, observer)
        }
    }

    /// Waits until an observer knows the Pod in a phase.
    private func wait(for phase: String, _ observer: PodObserver) async {
        let key = ObjectKey(namespace: "demo", name: Self.podName)
        while let pod = observer.pod(key), pod.status.phase != phase {
            await observer.waitForChange(of: key, from: pod.metadata.resourceVersion)
        }
    }

    private func execute(
        _ agent: FakeAgent,
        step: Int = 0,
        errors: Int64 = 0,
        timeout: Duration? = nil
    ) async throws -> StepResult {
        try await withExecutor(agent) { executor, _ in
            try await executor.execute(
                Self.step,
                attempt: StepAttempt(step: step, errorCount: errors),
                timeout: timeout
            )
        }
    }

    // MARK: Identifiers

    @Test func `names an attempt by its step, its failures and a counter`() async throws {
        let agent = FakeAgent(.succeeded())
        #expect(try await execute(agent, step: 3, errors: 2) == .succeeded())
        #expect(agent.calls == ["list", "start 3.2.1"])
    }

    @Test func `asks a running step again under another name`() async throws {
        let agent = FakeAgent(.running("one"), .running("two"), .succeeded())
        let results = try await withExecutor(agent) { executor, _ in
            var results: [StepResult] = []
            for _ in 0..<3 {
                results.append(
                    try await executor.execute(
                        Self.step,
                        attempt: StepAttempt(step: 0, errorCount: 0),
                        timeout: nil
                    )
                )
            }
            return results
        }
        #expect(results == [.running("one"), .running("two"), .succeeded()])
        #expect(agent.calls == ["list", "start 0.0.1", "list", "start 0.0.2", "list", "start 0.0.3"])
    }

    @Test func `asks a step again that an earlier pass left running`() async throws {
        let known = [ExecutionReport(id: "0.0.4", bootID: "boot-1", result: .running("wait"))]
        let agent = FakeAgent(.succeeded(), known: known)
        #expect(try await execute(agent) == .succeeded())
        #expect(agent.calls == ["list", "start 0.0.5"])
    }

    @Test(arguments: [nil, StepResult.succeeded(output: ["n": 1]), .failed("no")])
    func `takes up what an earlier controller started and did not record`(result: StepResult?) async throws {
        let known = [
            ExecutionReport(id: "0.0.1", bootID: "boot-1", result: .erroredForGood("forgotten")),
            ExecutionReport(id: "0.0.12", bootID: "boot-1", result: result),
            ExecutionReport(id: "0.1.13", bootID: "boot-1", result: .erroredForGood("of another attempt")),
            ExecutionReport(id: "0.0.x", bootID: "boot-1", result: .erroredForGood("nonsense")),
        ]
        let agent = FakeAgent(known: known)
        async let outcome = execute(agent)
        if result == nil {
            await agent.waitForCall("wait 0.0.12 25")
            agent.finish("0.0.12", .succeeded())
        }
        #expect(try await outcome == result ?? .succeeded())
        #expect(agent.calls.filter { $0.hasPrefix("start") } == ["start 0.0.12"])
    }

    // MARK: Time

    @Test func `waits in pieces that the agent allows`() async throws {
        let agent = FakeAgent()
        async let result = execute(agent, timeout: .seconds(3600))
        await agent.waitForCall("wait 0.0.1 25")
        agent.finish("0.0.1", .succeeded())
        #expect(try await result == .succeeded())
    }

    @Test func `ends a step whose time is up`() async throws {
        let agent = FakeAgent()
        await #expect(throws: StepTimeoutError.self) { try await execute(agent, timeout: .zero) }
        #expect(agent.calls == ["list", "start 0.0.1", "cancel 0.0.1"])
    }

    @Test func `leaves the step going on when it is cancelled itself`() async throws {
        let agent = FakeAgent()
        try await withExecutor(agent) { executor, _ in
            let task = Task {
                try await executor.execute(
                    Self.step,
                    attempt: StepAttempt(step: 0, errorCount: 0),
                    timeout: .seconds(60)
                )
            }
            await agent.waitForCall("wait 0.0.1 25")
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
        }
        #expect(!agent.calls.contains("cancel 0.0.1"))
    }

    // MARK: Trouble

    @Test func `asks again while the agent is out of reach`() async throws {
        let agent = FakeAgent(.succeeded())
        agent.fail(.unreachable("connection refused"))
        #expect(try await execute(agent) == .succeeded())
        #expect(agent.calls == ["list", "list", "list", "start 0.0.1"])
    }

    @Test(arguments: [AgentFailure.unauthorized, .refused("no")])
    func `makes a failed attempt of a refusal`(failure: AgentFailure) async throws {
        let agent = FakeAgent(.succeeded())
        agent.fail(failure)
        #expect(try await execute(agent) == .errored(failure.description))
        #expect(agent.calls == ["list"])
    }

    @Test func `loses the attempt with the agent's memory`() async throws {
        let agent = FakeAgent()
        let cluster = cluster
        let result = try await withExecutor(agent) { executor, _ in
            async let result = executor.execute(
                Self.step,
                attempt: StepAttempt(step: 0, errorCount: 0),
                timeout: nil
            )
            await agent.waitForCall("wait 0.0.1 25")
            try cluster.update(Self.podName) { pod in
                var ended = ContainerStatus()
                Self.stop(&ended, "OOMKilled", 137)
                pod.status.containerStatuses[0].lastState = ended.state
            }
            agent.fail(.unreachable("reset"))
            agent.restart()
            return try await result
        }
        #expect(result.status == .errored)
        #expect(result.message.hasPrefix("the agent stopped (OOMKilled, exit code 137)"))
    }

    @Test func `loses the attempt that the agent has forgotten`() async throws {
        let agent = FakeAgent()
        async let result = execute(agent)
        await agent.waitForCall("wait 0.0.1 25")
        agent.restart()
        #expect(try await result == .errored("the agent has forgotten the step"))
    }

    @Test func `loses the workspace with the Pod`() async throws {
        let agent = FakeAgent()
        agent.fail(.unreachable("no route"))
        let cluster = cluster
        await #expect(throws: WorkspaceLostError("the agent Pod was lost: Evicted")) {
            try await withExecutor(agent) { executor, observer in
                try cluster.update(Self.podName) { pod in
                    pod.status.phase = "Failed"
                    pod.status.reason = "Evicted"
                }
                await wait(for: "Failed", observer)
                return try await executor.execute(
                    Self.step,
                    attempt: StepAttempt(step: 0, errorCount: 0),
                    timeout: nil
                )
            }
        }
    }

    @Test func `blames no step for what fails because the Pod goes`() async throws {
        let agent = FakeAgent(.errored("the plugin could not be asked"))
        let cluster = cluster
        await #expect(throws: WorkspaceLostError("the agent Pod is gone")) {
            try await withExecutor(agent) { executor, observer in
                let key = ObjectKey(namespace: "demo", name: Self.podName)
                let version = observer.pod(key)?.metadata.resourceVersion
                try cluster.remove(Self.podName)
                await observer.waitForChange(of: key, from: version)
                return try await executor.execute(
                    Self.step,
                    attempt: StepAttempt(step: 0, errorCount: 0),
                    timeout: nil
                )
            }
        }
    }

    @Test func `loses the attempt with its plugin's container`() async throws {
        let agent = FakeAgent()
        let cluster = cluster
        async let result = execute(agent)
        await agent.waitForCall("wait 0.0.1 25")
        try cluster.update(Self.podName) { pod in
            Self.stop(&pod.status.initContainerStatuses[0], "Error", 1, message: "Traceback\nKeyError: 'path'\n")
        }
        #expect(
            try await result
                == .errored("plugin container probe-step-plugin stopped (Error, exit code 1): KeyError: 'path'")
        )
        #expect(agent.calls.last == "cancel 0.0.1")
    }

    @Test func `sees that its plugin's container is not started again`() async throws {
        let agent = FakeAgent()
        let cluster = cluster
        async let result = execute(agent)
        await agent.waitForCall("wait 0.0.1 25")
        try cluster.update(Self.podName) { pod in
            var ended = ContainerStatus()
            Self.stop(&ended, "Error", 2)
            pod.status.initContainerStatuses[0].lastState = ended.state
            pod.status.initContainerStatuses[0].state = ContainerState()
            pod.status.initContainerStatuses[0].state.waiting = ContainerStateWaiting()
            pod.status.initContainerStatuses[0].state.waiting?.reason = "CrashLoopBackOff"
        }
        #expect(try await result == .errored("plugin container probe-step-plugin stopped (Error, exit code 2)"))
    }

    @Test func `tells how its plugin's container stopped, though the end of the connection is news before`()
        async throws
    {
        let agent = FakeAgent()
        let cluster = cluster
        async let result = execute(agent)
        await agent.waitForCall("wait 0.0.1 25")
        agent.finish("0.0.1", .errored("the plugin closed the connection without an answer"))
        try cluster.update(Self.podName) { Self.stop(&$0.status.initContainerStatuses[0], "OOMKilled", 137) }
        #expect(
            try await result == .errored("plugin container probe-step-plugin stopped (OOMKilled, exit code 137)")
        )
    }

    @Test func `hands on that a plugin broke off where its container goes on`() async throws {
        let result = StepResult.errored("the plugin closed the connection without an answer")
        let handedOn = try await withExecutor(FakeAgent(result)) { executor, _ in
            var executor = executor
            executor.newsLimit = .zero
            return try await executor.execute(Self.step, attempt: StepAttempt(step: 0, errorCount: 0), timeout: nil)
        }
        #expect(handedOn == result)
    }

    @Test func `sees that its plugin's container was restarted meanwhile`() async throws {
        let agent = FakeAgent()
        let cluster = cluster
        async let result = execute(agent)
        await agent.waitForCall("wait 0.0.1 25")
        try cluster.update(Self.podName) { pod in
            var ended = ContainerStatus()
            Self.stop(&ended, "OOMKilled", 137)
            pod.status.initContainerStatuses[0].lastState = ended.state
            pod.status.initContainerStatuses[0].restartCount = 1
        }
        #expect(
            try await result == .errored("plugin container probe-step-plugin stopped (OOMKilled, exit code 137)")
        )
    }

    @Test func `does not care for other containers nor for restarts before`() async throws {
        let agent = FakeAgent()
        let cluster = cluster
        let result = try await withExecutor(agent) { executor, observer in
            try cluster.update(Self.podName) { pod in
                pod.status.phase = "Pending"
                var ended = ContainerStatus()
                Self.stop(&ended, "Error", 1)
                pod.status.initContainerStatuses[0].lastState = ended.state
                pod.status.initContainerStatuses[0].restartCount = 3
                var other = Self.status("other")
                Self.stop(&other, "Error", 1)
                pod.status.initContainerStatuses.append(other)
            }
            await wait(for: "Pending", observer)
            async let result = executor.execute(
                Self.step,
                attempt: StepAttempt(step: 0, errorCount: 0),
                timeout: nil
            )
            await agent.waitForCall("wait 0.0.1 25")
            agent.finish("0.0.1", .succeeded())
            return try await result
        }
        #expect(result == .succeeded())
    }
}
