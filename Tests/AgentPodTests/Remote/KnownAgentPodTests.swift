import ArgoCompat
import ExecutorRPC
import KargoCore
import KubernetesClient
import StepPluginRegistry
import Testing

@testable import AgentPod

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Agent runtime with a known Pod", .timeLimit(.minutes(1)))
struct KnownAgentPodTests {
    private let fixture = RuntimeFixture()

    /// What is told of a loss, and of the next Pod.
    private static func loss(_ count: Int, _ cause: String, next: String) -> [String] {
        [
            "restart", "pod  \(count) after \(cause)", "note restarted from the first step (\(count) of 2): \(cause)",
            "pod \(next) \(count) after \(cause)", "pod \(next) \(count) boot-1 after \(cause)", "note ",
        ]
    }

    @Test func `goes on in the Pod that is recorded`() async throws {
        let cluster = PodCluster()
        try cluster.add(RuntimeFixture.pod(uid: "a"))
        let diary = RuntimeFixture.Diary()
        let session = try await fixture.prepare(
            cluster,
            AgentPodRecord(uid: "a", losses: 1, cause: "Evicted", boot: "boot-1"),
            obstacle: "plugin \"probe\" was removed",
            diary: diary
        )
        #expect(!session.isFresh)
        #expect(diary.all == [])
        #expect(cluster.deletions == [])
    }

    @Test func `uses no Pod that it has not recorded`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        try cluster.add(RuntimeFixture.pod(uid: "stranger"))
        let diary = RuntimeFixture.Diary()
        let session = try await fixture.prepare(cluster, diary: diary)
        #expect(session.isFresh)
        #expect(cluster.deletions == ["\(RuntimeFixture.name) stranger 10"])
        #expect(diary.all == ["pod pod-3 0", "pod pod-3 0 boot-1"])
    }

    @Test func `begins anew when its Pod is gone`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        let diary = RuntimeFixture.Diary()
        let session = try await fixture.prepare(cluster, AgentPodRecord(uid: "a", losses: 1), diary: diary)
        #expect(session.isFresh)
        #expect(diary.all == Self.loss(2, "the agent Pod is gone", next: "pod-1"))
    }

    @Test func `begins anew when another Pod is in its Pod's place`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        try cluster.add(RuntimeFixture.pod(uid: "stranger"))
        let diary = RuntimeFixture.Diary()
        _ = try await fixture.prepare(cluster, AgentPodRecord(uid: "a"), diary: diary)
        #expect(diary.all == Self.loss(1, "another Pod took the agent Pod's place", next: "pod-3"))
        #expect(cluster.deletions == ["\(RuntimeFixture.name) stranger 10"])
    }

    @Test func `begins anew when its Pod has failed`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        try cluster.add(
            RuntimeFixture.pod(uid: "a") { pod in
                pod.status.phase = "Failed"
                pod.status.reason = "Evicted"
                pod.status.message = "too secret large"
            }
        )
        let diary = RuntimeFixture.Diary()
        let session = try await fixture.prepare(cluster, AgentPodRecord(uid: "a"), diary: diary)
        #expect(session.isFresh)
        #expect(diary.all == Self.loss(1, "Evicted: too *** large", next: "pod-3"))
        #expect(cluster.deletions == ["\(RuntimeFixture.name) a 10"])
    }

    @Test func `begins anew when its Pod goes while it waits`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        try cluster.add(RuntimeFixture.pod(uid: "a") { RuntimeFixture.wait(&$0, "ImagePullBackOff") })
        let diary = RuntimeFixture.Diary { line in
            if line.hasPrefix("note container") { try cluster.remove(RuntimeFixture.name) }
        }
        _ = try await fixture.prepare(cluster, AgentPodRecord(uid: "a"), diary: diary)
        let note = "note container probe-step-plugin: ImagePullBackOff"
        #expect(diary.all == [note] + Self.loss(1, "the agent Pod is gone", next: "pod-3"))
    }

    @Test func `gives up when too many Pods were lost`() async throws {
        let cluster = PodCluster()
        let diary = RuntimeFixture.Diary()
        #expect(
            try await fixture.failure(cluster, AgentPodRecord(uid: "a", losses: 2), diary: diary)
                == "the agent Pod was lost 3 times, the last time because: the agent Pod is gone"
        )
        #expect(diary.all == [])
    }

    @Test func `keeps telling why it began anew while the next Pod starts`() async throws {
        let cluster = PodCluster()
        try cluster.add(RuntimeFixture.pod(uid: "a") { RuntimeFixture.wait(&$0, "ImagePullBackOff") })
        let diary = RuntimeFixture.Diary { line in
            if line.hasPrefix("note r") { try cluster.update(RuntimeFixture.name) { RuntimeFixture.run(&$0) } }
        }
        let record = AgentPodRecord(uid: "a", losses: 2, cause: "Evicted: low on memory", boot: "boot-1")
        _ = try await fixture.prepare(cluster, record, diary: diary)
        let cause = "restarted from the first step (2 of 2): Evicted: low on memory"
        #expect(diary.all == ["note \(cause); container probe-step-plugin: ImagePullBackOff", "note "])
    }

    @Test(arguments: [("boot-1", nil), ("", nil), ("boot-0", "the agent was restarted while no controller was there")])
    func `sees that the agent was restarted while no controller was there`(boot: String, told: String?) async throws {
        let cluster = PodCluster()
        try cluster.add(RuntimeFixture.pod(uid: "a"))
        let diary = RuntimeFixture.Diary()
        let record = AgentPodRecord(uid: "a", boot: boot)
        let sessions = try await fixture.withRuntime(cluster) { runtime, _ in
            var sessions: [AgentSession] = []
            // The next pass of this controller was told the outcome by its executor.
            for _ in 0..<2 {
                sessions.append(
                    try await runtime.prepare(record, diary: diary)
                )
            }
            return sessions
        }
        #expect(sessions.map(\.restart) == [told, nil])
        #expect(Set(diary.all) == (boot == "boot-1" ? [] : ["pod a 0 boot-1"]))
    }

    // MARK: Changes

    private static func container(_ name: String, _ image: String) -> Container {
        var container = Container()
        container.name = name
        container.image = image
        return container
    }

    /// The recorded Pod after somebody has changed it.
    private static func pod(_ change: (inout Pod) -> Void = { _ in }) -> Pod {
        RuntimeFixture.pod(uid: "a") { pod in
            RuntimeFixture.run(&pod)
            pod.spec.initContainers = [container("probe-step-plugin", "probe:1")]
            pod.spec.containers = [container("promotion-agent", "agent:1")]
            change(&pod)
        }
    }

    private let record = AgentPodRecord(
        uid: "a",
        images: ["probe-step-plugin": "probe:1", "promotion-agent": "agent:1"]
    )

    @Test func `goes on in a Pod that nobody has changed`() async throws {
        let cluster = PodCluster()
        try cluster.add(Self.pod())
        _ = try await fixture.prepare(cluster, record)
        #expect(cluster.deletions == [])
    }

    @Test(arguments: ["image", "plugin", "debug", "more", "less"])
    func `ends a Pod that somebody has changed`(what: String) async throws {
        let cluster = PodCluster()
        var expected = ""
        let pod = Self.pod { pod in
            switch what {
            case "image":
                pod.spec.containers[0].image = "evil"
                expected = "container promotion-agent runs image evil instead of agent:1"
            case "plugin":
                pod.spec.initContainers[0].image = "evil"
                expected = "container probe-step-plugin runs image evil instead of probe:1"
            case "debug":
                var guest = EphemeralContainer()
                guest.name = "debugger-x"
                pod.spec.ephemeralContainers = [guest]
                expected = "container debugger-x was added to it for debugging"
            case "more":
                pod.spec.containers.append(Self.container("more", "evil"))
                expected = "container more was added to it"
            default:
                pod.spec.initContainers = []
                expected = "container probe-step-plugin was taken from it"
            }
        }
        try cluster.add(pod)
        #expect(try await fixture.failure(cluster, record) == "the agent Pod was changed: \(expected)")
        #expect(cluster.deletions == ["\(RuntimeFixture.name) a 10"])
    }

    @Test func `records the images of the Pod that it makes`() async throws {
        let cluster = PodCluster { RuntimeFixture.run(&$0) }
        let diary = RuntimeFixture.Diary()
        _ = try await fixture.prepare(cluster, diary: diary)
        let made = try #require(cluster.pods.first)
        #expect(AgentPodRecord(made).images.keys.contains("promotion-agent"))
        #expect(AgentPodRecord(made).change(in: made) == nil)
    }

    // MARK: Afterwards

    private static func step(sharedState: [String: JSONValue] = [:]) -> StepContext {
        StepContext(
            kind: "probe",
            alias: "",
            config: [:],
            workDir: "",
            privateDir: "",
            sharedState: sharedState,
            promotion: PromotionContext()
        )
    }

    @Test(
        arguments: [
            (nil, .all, true), (.all, .all, true), (.nothing, .all, false), (nil, .declared, false),
            (.all, .declared, true), (.nothing, .declared, false),
        ] as [(StepPlugin.SharedState?, PodPolicy.SharedState, Bool)]
    )
    func `sends a plugin outputs of earlier steps as it and the operator say`(
        declared: StepPlugin.SharedState?,
        policy: PodPolicy.SharedState,
        isSent: Bool
    ) async throws {
        let cluster = PodCluster()
        try cluster.add(
            RuntimeFixture.pod(uid: "a") { pod in
                RuntimeFixture.run(&pod)
                var status = ContainerStatus()
                status.name = "probe-step-plugin"
                status.state.running = ContainerStateRunning()
                pod.status.initContainerStatuses.append(status)
            }
        )
        var plugin = PluginFixtures.plugin()
        plugin.plugin.spec.steps[0].sharedState = declared
        var podPolicy = PodPolicy()
        podPolicy.sharedState = policy
        let outputs: [String: JSONValue] = ["earlier": ["token": "t"]]
        let result = try await fixture.withRuntime(cluster, policy: podPolicy) { [plugin] runtime, _ in
            let session = try await runtime.prepare(AgentPodRecord(uid: "a"), plugins: [plugin])
            return try await session.executor.execute(
                Self.step(sharedState: outputs),
                attempt: StepAttempt(step: 0, errorCount: 0),
                timeout: nil
            )
        }
        #expect(result == .succeeded())
        #expect(fixture.agent.outputs == [isSent ? outputs : [:]])
    }

    @Test func `finds the agent at the address that its Pod has now`() async throws {
        let cluster = PodCluster()
        try cluster.add(RuntimeFixture.pod(uid: "a"))
        let result = try await fixture.withRuntime(cluster) { runtime, observer in
            let session = try await runtime.prepare(AgentPodRecord(uid: "a"))
            let key = ObjectKey(namespace: "demo", name: RuntimeFixture.name)
            let version = observer.pod(key)?.metadata.resourceVersion
            try cluster.update(RuntimeFixture.name) { RuntimeFixture.run(&$0, address: "10.0.0.8") }
            await observer.waitForChange(of: key, from: version)
            return try await session.executor.execute(
                Self.step(),
                attempt: StepAttempt(step: 0, errorCount: 0),
                timeout: nil
            )
        }
        #expect(result == .succeeded())
        #expect(fixture.calls.all.map { $0.prefix { $0 != " " } } == ["10.0.0.7", "10.0.0.8", "10.0.0.8"])
    }

    @Test(arguments: [(AgentEnding.idle, 2), (.busy, 10)])
    func `ends an agent with the time that it needs`(ending: AgentEnding, grace: Int) async throws {
        let cluster = PodCluster()
        try cluster.add(RuntimeFixture.pod(uid: "a"))
        try await fixture.withRuntime(cluster) { runtime, _ in
            for _ in 0..<2 { try await runtime.end(PluginFixtures.promotion(), ending) }
        }
        #expect(cluster.deletions == ["\(RuntimeFixture.name) - \(grace)"])
    }

    @Test(arguments: [nil, AgentPodRecord(uid: "a")])
    func `leaves no agent behind that it may not end`(record: AgentPodRecord?) async throws {
        let cluster = PodCluster()
        cluster.forbid(.delete, "pods \"x\" is forbidden")
        try await fixture.withRuntime(cluster) { runtime, _ in
            let promotion = try RuntimeFixture.promotion(record)
            guard record != nil else { return try await runtime.end(promotion, .idle) }
            await #expect(throws: KubernetesError.self) { try await runtime.end(promotion, .idle) }
        }
    }

    @Test func `removes the agents of Promotions that are over`() async throws {
        let cluster = PodCluster()
        for (name, uid, phase, isDeleting) in [
            ("kept", "uid-1", "Succeeded", false), ("over", "uid-2", "Errored", false),
            ("going", "uid-3", "Errored", true), ("foreign", nil, nil, false), ("gone", "uid-4", nil, false),
            ("new", "uid-5", "Running", false), ("young", "uid-6", "", false), ("replaced", "uid-7", "other", false),
        ] as [(String, String?, String?, Bool)] {
            var pod = RuntimeFixture.pod(uid: name)
            pod.metadata.name = name
            pod.metadata.annotations["kargo-extended.code.org/promotion-uid"] = uid
            var promotion = PluginFixtures.promotion()
            promotion.metadata.name = name
            promotion.metadata.uid = uid ?? ""
            pod.metadata.ownerReferences = [OwnerReference(promotion)]
            if isDeleting { pod.metadata.deletionTimestamp = KubernetesTime(RuntimeFixture.moment) }
            try cluster.add(pod)
            guard let phase else { continue }
            let object: JSONValue = [
                "metadata": [
                    "name": .string(name), "uid": .string(phase == "other" ? "uid-8" : promotion.metadata.uid),
                ],
                "status": phase.isEmpty || phase == "other" ? [:] : ["phase": .string(phase)],
            ]
            cluster.put(object, at: "/apis/kargo.akuity.io/v1alpha1/namespaces/demo/promotions/\(name)")
        }
        try await fixture.withRuntime(cluster) { runtime, _ in try await runtime.removeLeftovers(keeping: ["uid-1"]) }
        #expect(cluster.deletions.sorted() == ["gone - 10", "over - 10", "replaced - 10"])
    }
}
