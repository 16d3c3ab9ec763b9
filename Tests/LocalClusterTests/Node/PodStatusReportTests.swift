import KargoCore
import Testing

@testable import LocalCluster

struct PodStatusReportTests {
    private let now: KubernetesTime
    private let process = ProcessIdentity(pid: 5, startTime: 6)
    private let pod: Pod

    init() throws {
        now = try KubernetesTime("2026-01-02T03:04:05Z")
        pod = try JSONValueDecoder()
            .decode(
                Pod.self,
                from: .pod(
                    "p",
                    restartPolicy: "OnFailure",
                    initContainers: [.shell("init", ""), .shell("side", "", ["restartPolicy": "Always"])],
                    containers: [.shell("main", "")]
                )
            )
    }

    private func report(
        _ state: ShimState?,
        blocker: PodBlocker? = nil,
        isUp: Bool = true,
        isFinal: Bool = false,
        pod: Pod? = nil
    ) -> PodStatus {
        PodStatusReport(
            pod: pod ?? self.pod,
            node: NodeFacts(name: "local", processors: 1, memory: 1),
            address: "127.64.0.1",
            state: state,
            blocker: blocker,
            isUp: isUp,
            isFinal: isFinal,
            now: now
        )
        .status()
    }

    private func state(
        _ main: ContainerRecord.State,
        last: Termination? = nil,
        side: ContainerRecord.State? = nil,
        isReady: Bool = true
    ) -> ShimState {
        ShimState(
            shim: process,
            isInitialized: true,
            containers: [
                ContainerRecord(
                    name: "init",
                    kind: .initialization,
                    state: .terminated(ended(0)),
                    lastTermination: nil,
                    restartCount: 0,
                    isDone: true
                ),
                ContainerRecord(
                    name: "side",
                    kind: .sidecar,
                    state: side ?? running,
                    lastTermination: nil,
                    restartCount: 0,
                    isDone: false,
                    isStarted: true,
                    isReady: true
                ),
                ContainerRecord(
                    name: "main",
                    kind: .main,
                    state: main,
                    lastTermination: last,
                    restartCount: 1,
                    isDone: false,
                    isStarted: true,
                    isReady: isReady
                ),
            ]
        )
    }

    private var running: ContainerRecord.State {
        .running(ContainerRun(process: process, startedAt: LifecycleFixture.wall))
    }

    private func ended(_ code: Int32) -> Termination {
        Termination(
            attempt: 0,
            process: process,
            exitCode: code,
            signal: nil,
            reason: code == 0 ? "Completed" : "Error",
            message: "m",
            startedAt: LifecycleFixture.wall,
            finishedAt: LifecycleFixture.wall
        )
    }

    private func conditions(_ status: PodStatus) -> [String: String] {
        Dictionary(uniqueKeysWithValues: status.conditions.map { ($0.type, "\($0.status) \($0.reason)") })
    }

    @Test func `shows a Pod that runs`() {
        let status = report(state(running))
        #expect(status.phase == "Running")
        #expect(status.podIP == "127.64.0.1")
        #expect(status.podIPs.map(\.ip) == ["127.64.0.1"])
        #expect(status.hostIP == "127.0.0.1")
        #expect(status.startTime == now)
        #expect(
            conditions(status) == [
                "PodReadyToStartContainers": "True ", "Initialized": "True ", "Ready": "True ",
                "ContainersReady": "True ", "PodScheduled": "True ",
            ]
        )
        #expect(status.initContainerStatuses.map(\.name) == ["init", "side"])
        #expect(status.initContainerStatuses.map(\.ready) == [true, true])
        #expect(status.initContainerStatuses.map(\.started) == [false, true])
        let main = status.containerStatuses[0]
        #expect(main.ready)
        #expect(main.started == true)
        #expect(main.restartCount == 1)
        #expect(main.containerID == "process://5-6")
        #expect(main.image == "none")
        #expect(main.state.running?.startedAt == KubernetesTime(LifecycleFixture.wall.date))
    }

    @Test func `shows a Pod of which nothing has started`() {
        let status = report(nil)
        #expect(status.phase == "Pending")
        #expect(conditions(status)["Initialized"] == "False ContainersNotInitialized")
        #expect(conditions(status)["Ready"] == "False ContainersNotReady")
        #expect(status.containerStatuses[0].state.waiting?.reason == "PodInitializing")
        let ready = status.conditions.first { $0.type == "Ready" }
        #expect(ready?.message == "containers with unready status: [main side]")
    }

    @Test func `shows a sidecar that does not run as not ready`() {
        let status = report(state(running, side: .waiting(reason: "CrashLoopBackOff", message: "b")))
        #expect(status.phase == "Running")
        #expect(conditions(status)["Ready"] == "False ContainersNotReady")
        #expect(status.initContainerStatuses[1].state.waiting?.reason == "CrashLoopBackOff")
    }

    @Test func `shows a container whose probe fails as not ready`() {
        let status = report(state(running, isReady: false))
        #expect(status.phase == "Running")
        #expect(!status.containerStatuses[0].ready)
        #expect(status.containerStatuses[0].started == true)
        #expect(conditions(status)["ContainersReady"] == "False ContainersNotReady")
    }

    @Test func `says that a Pod has run for too long`() {
        var state = state(.terminated(ended(0)), side: .terminated(ended(0)))
        state.hasExceededDeadline = true
        let status = report(state, isUp: false, isFinal: true)
        #expect(status.phase == "Failed")
        #expect(status.reason == "DeadlineExceeded")
        #expect(!status.message.isEmpty)
    }

    @Test(arguments: [(0, "Succeeded", "PodCompleted"), (3, "Failed", "PodFailed")] as [(Int32, String, String)])
    func `shows the end of a Pod`(code: Int32, phase: String, reason: String) {
        let status = report(state(.terminated(ended(code)), side: .terminated(ended(143))), isUp: false, isFinal: true)
        #expect(status.phase == phase)
        #expect(conditions(status)["Ready"] == "False \(reason)")
        #expect(conditions(status)["PodReadyToStartContainers"] == "False ")
        let terminated = status.containerStatuses[0].state.terminated
        #expect(terminated?.exitCode == code)
        #expect(terminated?.message == "m")
        #expect(terminated?.containerID == "process://5-6")
    }

    @Test func `stays running while main containers have ended and sidecars have not`() {
        #expect(report(state(.terminated(ended(0)))).phase == "Running")
        #expect(report(state(.waiting(reason: "x", message: ""), last: ended(1))).phase == "Running")
        #expect(report(state(.waiting(reason: "x", message: ""))).phase == "Pending")
    }

    @Test func `says for which port a Pod waits`() {
        let conflict = PortLeases.Conflict(port: 9765, holder: "Pod ns/other holds", isOfThisNode: true)
        let status = report(nil, blocker: PodBlocker(conflict), isUp: false)
        #expect(conditions(status)["PodScheduled"] == "False WaitingForPort")
        let waiting = status.containerStatuses[0].state.waiting
        #expect(waiting?.reason == "WaitingForPort")
        #expect(waiting?.message == "waits for port 9765, which Pod ns/other holds")
    }

    @Test func `says which container can't be made`() {
        let blocker = PodBlocker.configuration(of: "main", "secret \"x\" not found")
        let status = report(nil, blocker: blocker, isUp: false)
        #expect(status.containerStatuses[0].state.waiting?.reason == "CreateContainerConfigError")
        #expect(status.containerStatuses[0].state.waiting?.message == "secret \"x\" not found")
        #expect(status.initContainerStatuses[0].state.waiting?.reason == "PodInitializing")
        #expect(conditions(status)["PodScheduled"] == "True ")
    }

    @Test func `keeps the time of a condition that has not changed, and conditions of others`() throws {
        var pod = pod
        let earlier = try KubernetesTime("2025-01-01T00:00:00Z")
        var scheduled = PodCondition()
        scheduled.type = "PodScheduled"
        scheduled.status = "True"
        scheduled.lastTransitionTime = earlier
        var ready = scheduled
        ready.type = "Ready"
        ready.status = "False"
        var foreign = scheduled
        foreign.type = "example.com/gate"
        pod.status.conditions = [scheduled, ready, foreign]
        pod.status.startTime = earlier
        pod.status.qosClass = "Burstable"
        let status = report(state(running), pod: pod)
        let times = Dictionary(uniqueKeysWithValues: status.conditions.map { ($0.type, $0.lastTransitionTime) })
        #expect(times["PodScheduled"] == earlier)
        #expect(times["Ready"] == now)
        #expect(times["example.com/gate"] == earlier)
        #expect(status.startTime == earlier)
        #expect(status.qosClass == "Burstable")
        var settled = pod
        settled.status = status
        #expect(report(state(running), pod: settled) == status)
    }
}
