import AgentPod
import ArgoCompat
import ExecutorRPC
import KargoCore
import KargoTestSupport
import KubernetesClient
import StepPluginRegistry
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Agent runtime with a new Pod", .timeLimit(.minutes(1)))
struct NewAgentPodTests {
    private let fixture = RuntimeFixture()

    @Test func `makes a Pod and records it before anything runs in it`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        let diary = RuntimeFixture.Diary()
        let session = try await fixture.prepare(cluster, diary: diary)
        #expect(session.isFresh)
        #expect(diary.all == ["pod pod-1 0", "pod pod-1 0 boot-1"])
        let pod = try #require(cluster.pods.first)
        #expect(pod.metadata.name == RuntimeFixture.name)
        #expect(pod.spec.initContainers.map(\.name) == ["step-plugin-token-init", "probe-step-plugin"])
        let nonce = try #require(pod.metadata.annotations["kargo-extended.code.org/agent-nonce"])
        let secret = AgentSecret(key: Array("key".utf8), namespace: "demo", pod: RuntimeFixture.name, nonce: nonce)
        #expect(fixture.calls.all == ["10.0.0.7 \(secret.token)"])
        let digest = pod.spec.containers.first?.env.first { $0.name == "KARGO_AGENT_TOKEN_SHA256" }?.value
        #expect(digest == secret.digest)
    }

    @Test func `waits for a Pod of which the watch has not told yet`() async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "ContainerCreating") }
        let diary = RuntimeFixture.Diary()
        let session = try await fixture.withRuntime(cluster) { runtime, observer in
            await observer.waitUntilSynced()
            cluster.holdWatch()
            async let session = runtime.prepare(nil, diary: diary)
            // The Pod is looked for, found after it was made, and looked for once more.
            await cluster.waitForReads(3)
            try cluster.update(RuntimeFixture.name) { RuntimeFixture.run(&$0) }
            cluster.releaseWatch()
            return try await session
        }
        #expect(session.isFresh)
        #expect(diary.all.first == "pod pod-1 0")
        #expect(!diary.all.contains { $0.hasPrefix("restart") })
    }

    @Test func `waits for a Pod while the watch still tells of the one before`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        try cluster.add(RuntimeFixture.pod(uid: "a") { $0.status.phase = "Failed" })
        let diary = RuntimeFixture.Diary()
        let session = try await fixture.withRuntime(cluster) { runtime, observer in
            await observer.waitUntilSynced()
            cluster.holdWatch()
            async let session = runtime.prepare(AgentPodRecord(uid: "a"), diary: diary)
            // Three times until the next Pod is made, and twice after.
            await cluster.waitForReads(5)
            cluster.releaseWatch()
            return try await session
        }
        #expect(session.isFresh)
        let cause = "after the Pod failed"
        #expect(
            diary.all == [
                "restart", "pod  1 \(cause)", "note restarted from the first step (1 of 2): the Pod failed",
                "pod pod-3 1 \(cause)", "pod pod-3 1 boot-1 \(cause)", "note ",
            ]
        )
    }

    @Test func `tells what the Pod waits for once`() async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "ErrImagePull", "not found") }
        let diary = RuntimeFixture.Diary { line in
            try cluster.update(RuntimeFixture.name) { pod in
                switch line {
                case "note container probe-step-plugin: ErrImagePull: not found":
                    RuntimeFixture.wait(&pod, "ImagePullBackOff", "Back-off")
                case "note container probe-step-plugin: ImagePullBackOff: Back-off": RuntimeFixture.run(&pod)
                default: break
                }
            }
        }
        _ = try await fixture.prepare(cluster, diary: diary)
        #expect(
            diary.all == [
                "pod pod-1 0", "note container probe-step-plugin: ErrImagePull: not found",
                "note container probe-step-plugin: ImagePullBackOff: Back-off", "pod pod-1 0 boot-1", "note ",
            ]
        )
    }

    /// Lets so much time pass while a Pod can't start, which then begins to run unless the time was up.
    private func pass(_ time: Duration, limit: Duration?, isUp: Bool) async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "ImagePullBackOff", "Back-off") }
        let clock = ManualClock()
        let diary = RuntimeFixture.Diary { line in
            guard line.hasPrefix("note container") else { return }
            clock.advance(by: time)
            if !isUp { try cluster.update(RuntimeFixture.name) { RuntimeFixture.run(&$0) } }
        }
        _ = try await fixture.prepare(cluster, limit: limit, clock: clock, diary: diary)
    }

    @Test(arguments: [nil, 3600, 601] as [Int?])
    func `gives up when the time to start has passed`(limit: Int?) async throws {
        let limit = limit.map { Duration.seconds($0) }
        try await pass(.seconds(599), limit: limit, isUp: false)
        let failure = await #expect(throws: AgentStartFailure.self) {
            try await pass(.seconds(600), limit: limit, isUp: true)
        }
        let reason = "container probe-step-plugin: ImagePullBackOff: Back-off"
        #expect(failure?.description == "the agent did not start in time: \(reason)")
    }

    @Test func `leaves it to the step when the step's time has passed`() async throws {
        try await pass(.seconds(29), limit: .seconds(30), isUp: false)
        let failure = await #expect(throws: StepTimeoutError.self) {
            try await pass(.seconds(30), limit: .seconds(30), isUp: true)
        }
        #expect(failure?.reason == "container probe-step-plugin: ImagePullBackOff: Back-off")
    }

    @Test(arguments: [-100_000, 100_000])
    func `measures by its own clock`(skew: Double) async throws {
        let cluster = PodCluster { pod in
            RuntimeFixture.wait(&pod, "ImagePullBackOff", "Back-off")
            pod.metadata.creationTimestamp = KubernetesTime(Date().addingTimeInterval(skew))
        }
        let clock = ManualClock()
        let diary = RuntimeFixture.Diary { line in
            if line.hasPrefix("note container") { clock.advance(by: .seconds(600)) }
        }
        let failure = try await fixture.failure(cluster, clock: clock, diary: diary)
        #expect(failure.hasPrefix("the agent did not start in time: "))
        #expect(diary.all == ["pod pod-1 0", "note container probe-step-plugin: ImagePullBackOff: Back-off"])
    }

    @Test func `asks for the reasons of a Pod that says nothing`() async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "ContainerCreating") }
        func event(_ reason: String, _ time: String) -> JSONValue {
            ["reason": .string(reason), "message": "of a volume", "lastTimestamp": .string(time)]
        }
        cluster.put(
            [
                "metadata": [:],
                "items": [
                    event("Old", "2026-01-02T03:04:05Z"), event("FailedMount", "2026-01-02T03:04:07Z"),
                    event("Older", "2026-01-02T03:04:04Z"),
                ],
            ],
            at: "/api/v1/namespaces/demo/events"
        )
        let clock = ManualClock()
        let diary = RuntimeFixture.Diary { line in
            if line.contains("FailedMount") { try cluster.update(RuntimeFixture.name) { RuntimeFixture.run(&$0) } }
        }
        async let session = fixture.prepare(cluster, clock: clock, diary: diary)
        await diary.wait(for: "note the agent Pod is starting")
        await clock.waitForSleepers()
        #expect(clock.nextWakeUp == .seconds(10))
        clock.advance(by: .seconds(10))
        _ = try await session
        #expect(
            diary.all == [
                "pod pod-1 0", "note the agent Pod is starting", "note FailedMount: of a volume", "pod pod-1 0 boot-1",
                "note ",
            ]
        )
    }

    @Test func `has all the patience for a port that another Pod has`() async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "WaitingForPort", "9765") }
        let diary = RuntimeFixture.Diary { line in
            if line.contains("ErrImagePull") { try cluster.update(RuntimeFixture.name) { RuntimeFixture.run(&$0) } }
        }
        let clock = ManualClock()
        async let session = fixture.prepare(cluster, limit: .seconds(30), clock: clock, diary: diary)
        await diary.wait(for: "note container probe-step-plugin: WaitingForPort: 9765")
        await clock.waitForSleepers()
        clock.advance(by: .seconds(1200))
        try cluster.update(RuntimeFixture.name) { RuntimeFixture.wait(&$0, "ErrImagePull") }
        #expect(try await session.excused == .seconds(1200))
    }

    @Test func `gives up at once where no waiting helps`() async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "InvalidImageName", "bad") }
        #expect(
            try await fixture.failure(cluster)
                == "the agent Pod can't start: container probe-step-plugin: InvalidImageName: bad"
        )
    }

    @Test func `asks an agent again that does not answer yet`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        let refusal = AgentFailure.unreachable("connection refused")
        fixture.agent.fail(refusal, refusal, refusal, refusal)
        let diary = RuntimeFixture.Diary()
        _ = try await fixture.prepare(cluster, diary: diary)
        let note = "note the agent can't be reached: connection refused"
        #expect(diary.all == ["pod pod-1 0", note, "pod pod-1 0 boot-1", "note "])
    }

    @Test func `does not make a fuss of an agent that begins to listen`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        fixture.agent.fail(.unreachable("connection refused"))
        let diary = RuntimeFixture.Diary()
        _ = try await fixture.prepare(cluster, diary: diary)
        #expect(diary.all == ["pod pod-1 0", "pod pod-1 0 boot-1"])
    }

    // MARK: A Pod that can't be made

    @Test func `makes no Pod of plugins that are not what they were`() async throws {
        let cluster = PodCluster()
        #expect(
            try await fixture.failure(cluster, obstacle: "plugin \"probe\" was removed")
                == "no agent Pod can be made: plugin \"probe\" was removed"
        )
        #expect(cluster.pods == [])
    }

    @Test func `makes no Pod of plugins that do not go together`() async throws {
        let cluster = PodCluster()
        let message = try await fixture.failure(cluster, plugins: [PluginFixtures.plugin(ports: [9764])])
        #expect(message.contains("9764 is the agent's port"))
        #expect(cluster.pods == [])
    }

    @Test func `runs as the service account of the plugin that asks for one`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        cluster.add(serviceAccount: "probe-step-plugin")
        var plugin = PluginFixtures.plugin()
        plugin.plugin.spec.sidecar.automountServiceAccountToken = true
        _ = try await fixture.prepare(cluster, plugins: [plugin])
        #expect(cluster.pods.map(\.spec.serviceAccountName) == ["probe-step-plugin"])
    }

    @Test func `makes no Pod of plugins that need different service accounts`() async throws {
        let cluster = PodCluster()
        cluster.add(serviceAccount: "b-step-plugin")
        let plugins = ["a", "b"].enumerated()
            .map { index, name in
                var plugin = PluginFixtures.plugin(name, ports: [Int32(index + 1)])
                plugin.plugin.spec.sidecar.automountServiceAccountToken = true
                return plugin
            }
        let message = try await fixture.failure(cluster, plugins: plugins)
        #expect(message.contains("plugin \"a\"") && message.contains("plugin \"b\""))
        #expect(cluster.pods == [])
    }

    private static let permission =
        #"pods "x" is forbidden: User "kargo" cannot create resource "pods" in API group "" in the namespace "demo""#
    private static let remedy = "; apply extended/deploy/project in namespace demo"

    @Test(
        arguments: [
            (403, "violates PodSecurity", ""), (422, "label too long", ""), (403, "no such ServiceAccount", ""),
            (400, "no Pod", ""), (404, "no namespace", ""), (403, permission, remedy),
        ]
    )
    func `hands on why the cluster wants no such Pod`(status: Int, message: String, remedy: String) async throws {
        let cluster = PodCluster()
        cluster.refuse(status, message)
        #expect(try await fixture.failure(cluster) == "the agent Pod can't be created: \(message)\(remedy)")
    }

    @Test func `says at once what it is not permitted in the Project`() async throws {
        let cluster = PodCluster()
        cluster.forbid(.get, Self.permission)
        let diary = RuntimeFixture.Diary()
        let failure = try await fixture.failure(cluster, diary: diary)
        #expect(failure == "the agent Pod can't be read: \(Self.permission)\(Self.remedy)")
        #expect(diary.all == [])
    }

    @Test(
        arguments: [
            (403, "exceeded quota: pods"), (403, "status unknown for quota: pods"), (503, "too busy"),
            (429, "slow down"), (401, "Unauthorized"), (408, "timed out"),
        ]
    )
    func `tries again where a moment may help`(status: Int, message: String) async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        cluster.refuse(status, message)
        let diary = RuntimeFixture.Diary()
        _ = try await fixture.prepare(cluster, diary: diary)
        #expect(
            diary.all == [
                "note the agent Pod can't be created yet: \(message)", "pod pod-1 0", "pod pod-1 0 boot-1", "note ",
            ]
        )
    }

    @Test(arguments: [nil, 30] as [Int?])
    func `gives up when no moment helps`(limit: Int?) async throws {
        let cluster = PodCluster()
        cluster.forbid(.post, "exceeded quota: pods")
        let clock = ManualClock()
        let diary = RuntimeFixture.Diary { _ in clock.advance(by: .seconds(600)) }
        let reason = "the agent Pod can't be created: exceeded quota: pods"
        do {
            _ = try await fixture.prepare(cluster, limit: limit.map { .seconds($0) }, clock: clock, diary: diary)
            Issue.record("there can be no agent")
        } catch let failure as AgentStartFailure {
            #expect(limit == nil && failure.description == "the agent did not start in time: \(reason)")
        } catch let timeout as StepTimeoutError {
            #expect(limit != nil && timeout.reason == reason)
        }
    }

    // MARK: A watch that does not tell

    @Test func `gives up where Pods can't be watched`() async throws {
        let cluster = PodCluster()
        cluster.forbidLists()
        let clock = ManualClock()
        let diary = RuntimeFixture.Diary { _ in clock.advance(by: .seconds(600)) }
        async let failure = fixture.failure(cluster, clock: clock, diary: diary)
        await clock.waitForSleepers()
        #expect(clock.nextWakeUp == .seconds(5))
        clock.advance(by: .seconds(5))
        #expect(try await failure == "the agent did not start in time: the cluster's Pods can't be watched")
        #expect(diary.all == ["note the cluster's Pods can't be watched yet"])
    }

    @Test func `asks the server for a Pod that came and went while nobody told`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        let clock = ManualClock()
        let diary = RuntimeFixture.Diary { line in
            if line == "restart" { cluster.releaseWatch() }
        }
        let session = try await fixture.withRuntime(cluster, clock: clock) { runtime, observer in
            await observer.waitUntilSynced()
            cluster.holdWatch()
            async let session = runtime.prepare(nil, diary: diary)
            await cluster.waitForReads(3)
            await clock.waitForSleepers()
            try cluster.remove(RuntimeFixture.name)
            clock.advance(by: .seconds(5))
            return try await session
        }
        #expect(session.isFresh)
        #expect(diary.all.contains("pod  1 after the agent Pod is gone"))
    }

    @Test func `says what is wrong with its own record`() async throws {
        var promotion = PluginFixtures.promotion()
        promotion.metadata.annotations["kargo-extended.code.org/agent-pod"] = "spoiled"
        let message = try await fixture.withRuntime(PodCluster()) { [promotion] runtime, _ in
            try await #require(throws: AgentStartFailure.self) {
                try await runtime.prepare(
                    promotion,
                    plugins: [],
                    obstacle: nil,
                    limit: nil,
                    hooks: RuntimeFixture.Diary().hooks
                )
            }
            .description
        }
        #expect(message.contains("agent-pod"))
    }
}
