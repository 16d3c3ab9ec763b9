import ExecutorRPC
import KargoCore
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import AgentPod

@Suite("Remote executor and what is not its Pod", .timeLimit(.minutes(1)))
struct RemoteExecutorSafetyTests {
    private static let key = ObjectKey(namespace: "demo", name: RuntimeFixture.name)
    private let cluster = PodCluster()

    /// How often somebody looked whether the Pod is as it was made.
    private final class Checks: Sendable {
        private let state = Mutex(0)
        var count: Int { state.withLock { $0 } }
        func add() { state.withLock { $0 += 1 } }
    }

    /// The agent's Pod, in which the plugin's container is in a state.
    private static func pod(_ change: (inout ContainerStatus) -> Void = { $0.state.running = .init() }) -> Pod {
        RuntimeFixture.pod(uid: "a") { pod in
            RuntimeFixture.run(&pod)
            var status = ContainerStatus()
            status.name = "probe-step-plugin"
            change(&status)
            pod.status.initContainerStatuses.append(status)
        }
    }

    private func execute(
        _ agent: FakeAgent,
        in pod: Pod = pod(),
        timeout: Duration? = nil,
        verify: @escaping @Sendable () async throws -> Void = {},
        meanwhile: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> StepResult {
        try cluster.add(pod)
        let observer = PodObserver(api: cluster, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await observer.run() }
            await observer.waitUntilSynced()
            let executor = RemoteExecutor(
                agent: { agent },
                observer: observer,
                pod: Self.key,
                boot: "boot-1",
                containers: ["probe": "probe-step-plugin"],
                verify: verify
            )
            defer { group.cancelAll() }
            let step = StepContext(
                kind: "probe",
                alias: "",
                config: [:],
                workDir: "",
                privateDir: "",
                sharedState: [:],
                promotion: PromotionContext()
            )
            async let result = executor.execute(step, attempt: StepAttempt(step: 0, errorCount: 0), timeout: timeout)
            try await meanwhile()
            return try await result
        }
    }

    // MARK: Another life of the agent

    @Test func `loses nothing with an agent that was started anew while nothing went on`() async throws {
        let agent = FakeAgent(.succeeded())
        agent.restart()
        let checks = Checks()
        #expect(try await execute(agent, verify: { checks.add() }) == .succeeded())
        #expect(checks.count == 1)
        #expect(agent.calls == ["list", "list", "start 0.0.1"])
    }

    @Test func `looks at the Pod only when the agent was started anew`() async throws {
        let checks = Checks()
        #expect(try await execute(FakeAgent(.succeeded()), verify: { checks.add() }) == .succeeded())
        #expect(checks.count == 0)
    }

    @Test func `sends nothing to an agent whose Pod was changed`() async throws {
        let agent = FakeAgent(.succeeded())
        agent.restart()
        await #expect(throws: WorkspaceLostError("changed")) {
            try await execute(agent, verify: { throw WorkspaceLostError("changed") })
        }
        #expect(agent.calls == ["list"])
    }

    @Test func `starts nothing in an agent that is started anew while its Pod is looked at`() async throws {
        let agent = FakeAgent(.succeeded())
        agent.restart()
        let checks = Checks()
        let result = try await execute(
            agent,
            verify: {
                if checks.count == 0 { agent.restart() }
                checks.add()
            }
        )
        #expect(result == .succeeded())
        #expect(checks.count == 2)
        #expect(agent.calls == ["list", "list", "list", "start 0.0.1"])
    }

    @Test func `finds out that the Pod was changed while a step went on`() async throws {
        let agent = FakeAgent()
        await #expect(throws: WorkspaceLostError("changed")) {
            try await execute(
                agent,
                verify: { throw WorkspaceLostError("changed") },
                meanwhile: {
                    await agent.waitForCall("wait 0.0.1 25")
                    agent.fail(.unreachable("reset"))
                    agent.restart()
                }
            )
        }
        #expect(agent.calls.filter { $0.hasPrefix("start") } == ["start 0.0.1"])
    }

    // MARK: Another container on the plugin's port

    @Test(arguments: [nil, 1, 50])
    func `calls no plugin before its container runs`(restarts: Int32?) async throws {
        let agent = FakeAgent(.succeeded())
        let cluster = cluster
        let pod = Self.pod { status in
            guard let restarts else {
                status.state.waiting = ContainerStateWaiting()
                return
            }
            status.state.terminated = ContainerStateTerminated()
            status.restartCount = restarts
        }
        let begin: @Sendable () async throws -> Void = {
            #expect(agent.calls == [])
            try cluster.update(RuntimeFixture.name) { pod in
                pod.status.initContainerStatuses[1].state = ContainerState()
                pod.status.initContainerStatuses[1].state.running = ContainerStateRunning()
            }
        }
        let result = try await execute(agent, in: pod, meanwhile: begin)
        #expect(result == .succeeded())
        #expect(agent.calls == ["list", "start 0.0.1"])
    }

    @Test(arguments: [(Duration.zero, Int32(0)), (.seconds(3600), 6)])
    func `gives up on a container that does not run`(timeout: Duration, restarts: Int32) async throws {
        let agent = FakeAgent(.succeeded())
        let pod = Self.pod { status in
            status.state.waiting = ContainerStateWaiting()
            status.state.waiting?.reason = "CrashLoopBackOff"
            var ended = ContainerStateTerminated()
            ended.exitCode = 1
            ended.message = "address already in use"
            status.lastState.terminated = ended
            status.restartCount = restarts
        }
        let result = try await execute(agent, in: pod, timeout: timeout)
        #expect(
            result
                == .errored(
                    "plugin container probe-step-plugin does not run: it stopped (Error, exit code 1): "
                        + "address already in use"
                )
        )
        #expect(agent.calls == [])
    }
}
