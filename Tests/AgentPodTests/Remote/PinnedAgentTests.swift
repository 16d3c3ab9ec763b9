import ExecutorRPC
import KargoCore
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import AgentPod

@Suite("Pinned agent", .timeLimit(.minutes(1)))
struct PinnedAgentTests {
    private let key = ObjectKey(namespace: "demo", name: RuntimeFixture.name)

    /// Takes controllers for whom the agent's certificate is one that it has.
    private struct Agent: AgentConnection {
        let pin: AgentPin
        let accepted: String
        var isReachable = true
        func list() async throws -> ExecutionList {
            guard isReachable else { throw AgentFailure.unreachable("no route") }
            guard pin == (try AgentPin(message: accepted)) else { throw AgentFailure.untrusted }
            return ExecutionList(bootID: "boot", executions: [])
        }
        func start(_ start: ExecutionStart) async throws -> ExecutionReport {
            ExecutionReport(id: start.id, bootID: try await list().bootID)
        }
        func wait(for id: String, limit: Duration) async throws -> ExecutionReport? {
            ExecutionReport(id: id, bootID: try await list().bootID)
        }
        func answer(_ id: String, _ answers: ExecutionAnswers) async throws -> ExecutionReport? {
            ExecutionReport(id: id, bootID: try await list().bootID)
        }
        func cancel(_ id: String) async throws { _ = try await list() }
    }

    private func with<Result: Sendable>(
        _ pod: Pod,
        agentHas accepted: String = RuntimeFixture.announcement,
        routing: AgentRouting = .direct,
        ways: [AgentRoute] = [.direct, .portForward],
        change: @escaping @Sendable (PodCluster) throws -> Void = { _ in },
        _ body: @escaping @Sendable (PinnedAgent) async throws -> Result
    ) async throws -> (result: Result, places: [AgentPlace]) {
        let cluster = PodCluster()
        try cluster.add(pod)
        let observer = PodObserver(api: cluster, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let places = Places()
        let result = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await observer.run() }
            await observer.waitUntilSynced()
            // The watch tells of nothing that comes now.
            cluster.holdWatch()
            try change(cluster)
            defer { group.cancelAll() }
            return try await body(
                PinnedAgent(
                    api: cluster,
                    observer: observer,
                    key: key,
                    uid: "a",
                    keys: AgentKeys(current: [1]),
                    routes: AgentRoutes(routing),
                    connect: { place in
                        places.add(place)
                        return Agent(pin: place.pin, accepted: accepted, isReachable: ways.contains(place.route))
                    },
                    explain: { $0.route == .portForward ? "forbidden" : nil }
                )
            )
        }
        return (result, places.all)
    }

    private final class Places: Sendable {
        private let places = Mutex<[AgentPlace]>([])
        var all: [AgentPlace] { places.withLock { $0 } }
        func add(_ place: AgentPlace) { places.withLock { $0.append(place) } }
    }

    @Test func `asks with what the Pod says`() async throws {
        let (boot, places) = try await with(RuntimeFixture.pod(uid: "a")) { try await $0.list().bootID }
        #expect(boot == "boot")
        let secret = AgentSecret(key: [1], namespace: "demo", pod: RuntimeFixture.name, nonce: "00ff")
        #expect(places.map(\.token) == [secret.token])
        #expect(places.map(\.address) == ["10.0.0.7"])
        #expect(try places.map(\.pin) == [AgentPin(message: RuntimeFixture.announcement)])
    }

    @Test func `reads the Pod again when the certificate is another one`() async throws {
        let renewed = RuntimeFixture.makeAnnouncement()
        let (boot, places) = try await with(
            RuntimeFixture.pod(uid: "a"),
            agentHas: renewed,
            change: { try $0.update(RuntimeFixture.name) { RuntimeFixture.publish(&$0, renewed) } },
            { try await $0.start(ExecutionStart(id: "1", step: Self.step)).bootID }
        )
        #expect(boot == "boot")
        #expect(places.count == 2)
    }

    @Test func `asks nobody twice whose certificate is not the Pod's`() async throws {
        let (failure, places) = try await with(
            RuntimeFixture.pod(uid: "a"),
            agentHas: RuntimeFixture.makeAnnouncement()
        ) { agent in
            await #expect(throws: AgentFailure.self) { try await agent.list() }
        }
        #expect(
            failure?.description
                == "the agent can't be reached: the agent shows another certificate than the one that its Pod published"
        )
        #expect(places.count == 1)
    }

    @Test func `trusts no other Pod of that name`() async throws {
        let (failure, places) = try await with(RuntimeFixture.pod(uid: "b")) { agent in
            await #expect(throws: AgentFailure.self) { try await agent.list() }
        }
        #expect(failure?.description == "the agent can't be reached: its Pod is not there")
        #expect(places == [])
    }

    @Test func `trusts no other Pod that has come meanwhile`() async throws {
        let renewed = RuntimeFixture.makeAnnouncement()
        let (failure, places) = try await with(
            RuntimeFixture.pod(uid: "a"),
            agentHas: renewed,
            change: { cluster in
                try cluster.remove(RuntimeFixture.name)
                try cluster.add(RuntimeFixture.pod(uid: "b") { RuntimeFixture.publish(&$0, renewed) })
            },
            { agent in await #expect(throws: AgentFailure.self) { try await agent.cancel("1") } }
        )
        #expect(failure?.description == "the agent can't be reached: its Pod is not there")
        #expect(places.count == 1)
    }

    @Test func `takes what the init container left before it runs anew`() async throws {
        let pod = RuntimeFixture.pod(uid: "a") { pod in
            RuntimeFixture.run(&pod)
            pod.status.initContainerStatuses[0].lastState = pod.status.initContainerStatuses[0].state
            pod.status.initContainerStatuses[0].state = ContainerState()
            pod.status.initContainerStatuses[0].state.running = ContainerStateRunning()
        }
        let (report, _) = try await with(pod) { try await $0.wait(for: "1", limit: .zero) }
        #expect(report?.bootID == "boot")
    }

    @Test(arguments: [true, false])
    func `asks nobody as long as there is no certificate`(hasFailed: Bool) async throws {
        let pod = RuntimeFixture.pod(uid: "a") { pod in
            RuntimeFixture.run(&pod)
            if hasFailed {
                pod.status.initContainerStatuses[0].state.terminated?.exitCode = 1
            } else {
                pod.status.initContainerStatuses = []
            }
        }
        let (failure, places) = try await with(pod) { agent in
            await #expect(throws: AgentFailure.self) { try await agent.list() }
        }
        #expect(
            failure?.description == "the agent can't be reached: its init container has not published a certificate"
        )
        #expect(places == [])
    }

    // MARK: Ways

    @Test(
        arguments: [
            (.automatic, [.direct, .portForward], [.direct, .direct]),
            (.automatic, [.portForward], [.direct, .portForward, .portForward]),
            (.direct, [.direct], [.direct, .direct]), (.portForward, [.portForward], [.portForward, .portForward]),
        ] as [(AgentRouting, [AgentRoute], [AgentRoute])]
    )
    func `goes the way that has led there`(
        routing: AgentRouting,
        ways: [AgentRoute],
        expected: [AgentRoute]
    ) async throws {
        let (_, places) = try await with(RuntimeFixture.pod(uid: "a"), routing: routing, ways: ways) { agent in
            for _ in 0..<2 { _ = try await agent.list() }
        }
        #expect(places.map(\.route) == expected)
    }

    @Test(
        arguments: [
            (.automatic, "no route; by port-forward: forbidden", 4), (.direct, "no route", 2),
            (.portForward, "forbidden", 2),
        ] as [(AgentRouting, String, Int)]
    )
    func `tells of all ways that lead nowhere, and tries them again`(
        routing: AgentRouting,
        reason: String,
        count: Int
    ) async throws {
        let (failure, places) = try await with(RuntimeFixture.pod(uid: "a"), routing: routing, ways: []) { agent in
            _ = try? await agent.list()
            return await #expect(throws: AgentFailure.self) { try await agent.list() }
        }
        #expect(failure == .unreachable(reason))
        #expect(places.count == count)
    }

    private static let step = StepContext(
        kind: "probe",
        alias: "",
        config: [:],
        workDir: "",
        privateDir: "",
        sharedState: [:],
        promotion: PromotionContext()
    )
}
