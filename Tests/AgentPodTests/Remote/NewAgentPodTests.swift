import AgentPod
import ArgoCompat
import ExecutorRPC
import KargoCore
import KargoTestSupport
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
        #expect(diary.all == ["pod pod-1 0"])
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
            async let session = runtime.prepare(
                try RuntimeFixture.promotion(nil),
                plugins: [],
                obstacle: nil,
                limit: nil,
                hooks: diary.hooks
            )
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
            async let session = runtime.prepare(
                try RuntimeFixture.promotion(AgentPodRecord(uid: "a")),
                plugins: [],
                obstacle: nil,
                limit: nil,
                hooks: diary.hooks
            )
            // Three times until the next Pod is made, and twice after.
            await cluster.waitForReads(5)
            cluster.releaseWatch()
            return try await session
        }
        #expect(session.isFresh)
        #expect(diary.all == ["restart 1: the Pod failed", "pod  1", "pod pod-3 1"])
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
                "note container probe-step-plugin: ImagePullBackOff: Back-off",
            ]
        )
    }

    @Test func `gives up when the time to start has passed`() async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "ImagePullBackOff", "Back-off") }
        let message = try await fixture.failure(cluster, now: RuntimeFixture.moment.addingTimeInterval(600))
        #expect(message == "the agent did not start in time: container probe-step-plugin: ImagePullBackOff: Back-off")
    }

    @Test(arguments: [(30, 30, true), (30, 29, false), (3600, 599, false), (3600, 600, true)])
    func `gives up when the time of the step or the time to start has passed`(
        limit: Int64,
        age: Int64,
        givesUp: Bool
    ) async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "ImagePullBackOff") }
        let diary = RuntimeFixture.Diary { line in
            if line.hasPrefix("note") { try cluster.update(RuntimeFixture.name) { RuntimeFixture.run(&$0) } }
        }
        let now = RuntimeFixture.moment.addingTimeInterval(Double(age))
        do {
            _ = try await fixture.prepare(cluster, limit: .seconds(limit), now: now, diary: diary)
            #expect(!givesUp)
        } catch is AgentStartFailure {
            #expect(givesUp)
        }
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
        await clock.waitForSleepers()
        #expect(clock.nextWakeUp == .seconds(10))
        clock.advance(by: .seconds(10))
        _ = try await session
        #expect(
            diary.all == [
                "pod pod-1 0", "note the agent Pod is starting", "note FailedMount: of a volume",
            ]
        )
    }

    @Test func `has all the patience for a port that another Pod has`() async throws {
        let cluster = PodCluster { RuntimeFixture.wait(&$0, "WaitingForPort", "9765") }
        let diary = RuntimeFixture.Diary { line in
            if line.hasPrefix("note") { try cluster.update(RuntimeFixture.name) { RuntimeFixture.run(&$0) } }
        }
        _ = try await fixture.prepare(cluster, now: RuntimeFixture.moment.addingTimeInterval(100_000), diary: diary)
        #expect(diary.all == ["pod pod-1 0", "note container probe-step-plugin: WaitingForPort: 9765"])
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
        #expect(diary.all == ["pod pod-1 0", "note the agent can't be reached: connection refused"])
    }

    @Test func `does not make a fuss of an agent that begins to listen`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        fixture.agent.fail(.unreachable("connection refused"))
        let diary = RuntimeFixture.Diary()
        _ = try await fixture.prepare(cluster, diary: diary)
        #expect(diary.all == ["pod pod-1 0"])
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

    @Test(arguments: [(403, "violates PodSecurity"), (422, "label too long"), (403, "no such ServiceAccount")])
    func `hands on why the cluster wants no such Pod`(status: Int, message: String) async throws {
        let cluster = PodCluster()
        cluster.refuse(status, message)
        #expect(try await fixture.failure(cluster) == "the agent Pod can't be created: \(message)")
    }

    @Test(arguments: [(403, "exceeded quota: pods"), (503, "too busy"), (429, "slow down")])
    func `tries again where a moment may help`(status: Int, message: String) async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        cluster.refuse(status, message)
        let diary = RuntimeFixture.Diary()
        _ = try await fixture.prepare(cluster, diary: diary)
        #expect(diary.all == ["note the agent Pod can't be created yet: \(message)", "pod pod-1 0"])
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
