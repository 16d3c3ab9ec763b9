import KargoCore
import KargoTestSupport
import KubernetesClient
import Logging
import Testing

@testable import AgentPod

@Suite("Step log keeper", .timeLimit(.minutes(1)))
struct StepLogKeeperTests {
    private let cluster = PodCluster()
    private let path = "/api/v1/namespaces/demo/configmaps/promotion-logs-uid-1"

    private var keeper: StepLogKeeper { keeper() }

    private func keeper(clock: any Clock<Duration> = .continuous) -> StepLogKeeper {
        StepLogKeeper(
            api: cluster,
            pod: ObjectKey(namespace: "demo", name: "promotion-agent-uid-1"),
            promotion: PluginFixtures.promotion(),
            redact: { $0.replacing("secret", with: "***") },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            clock: clock
        )
    }

    private func keep(_ keeper: StepLogKeeper, step: Int, wasRestarted: Bool = false) async throws {
        let start = try KubernetesMicroTime("2026-01-02T03:04:05.500000Z")
        await keeper.keep(step: step, container: "probe", wasRestarted: wasRestarted, since: start)
    }

    private var data: JSONValue? { cluster.object(path)?["data"] }

    @Test func `keeps what was written since the step began, without secrets`() async throws {
        cluster.log(
            "probe",
            """
            2026-01-02T03:04:05.499999999Z of the step before
            2026-01-02T03:04:05.5Z it is secret
            2026-01-02T04:04:06+01:00 done

            """
        )
        try await keep(keeper, step: 2)
        #expect(data == ["step-2": "it is ***\ndone\n"])
        let owner = cluster.object(path)?[path: "metadata", "ownerReferences"]?.arrayValue?.first
        #expect(owner?["kind"] == "Promotion")
        #expect(owner?["uid"] == "uid-1")
    }

    @Test func `adds to what it and others have kept`() async throws {
        cluster.log("probe", "2026-01-02T03:05:00Z one\n")
        try await keep(keeper, step: 0)
        let next = keeper
        try await keep(next, step: 1)
        cluster.log("probe", "2026-01-02T03:06:00Z two\n")
        try await keep(next, step: 1)
        #expect(data == ["step-0": "one\n", "step-1": "one\ntwo\n"])
    }

    @Test func `keeps what a container wrote before it was restarted`() async throws {
        cluster.log("probe", previous: true, "2026-01-02T03:05:00Z about to fail\n")
        cluster.log("probe", "2026-01-02T03:06:00Z begin\n")
        try await keep(keeper, step: 0)
        #expect(data == ["step-0": "begin\n"])
        try await keep(keeper, step: 1, wasRestarted: true)
        #expect(data?["step-1"] == "about to fail\nbegin\n")
    }

    @Test func `makes nothing for silent steps and logs that can't be read`() async throws {
        try await keep(keeper, step: 0)
        cluster.log("probe", "")
        try await keep(keeper, step: 0)
        #expect(cluster.object(path) == nil)
    }

    @Test func `waits five seconds for a log that does not end`() async throws {
        cluster.log("probe", "2026-01-02T03:05:00Z one\n")
        cluster.stallLogs()
        let clock = ManualClock()
        async let isKept: Void = keep(keeper(clock: clock), step: 0)
        await clock.waitForSleepers()
        #expect(clock.nextWakeUp == .seconds(5))
        clock.advance(by: .seconds(5))
        try await isKept
        #expect(cluster.object(path) == nil)
    }

    @Test func `tries again what the server does not take at once`() async throws {
        cluster.log("probe", "2026-01-02T03:05:00Z one\n")
        cluster.refuse(500, "no time")
        try await keep(keeper, step: 0)
        #expect(data == ["step-0": "one\n"])
    }
}
