import KargoCore

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A lifecycle with a clock that a test moves.
struct LifecycleFixture {
    static let wall = KubernetesMicroTime(Date(timeIntervalSince1970: 1_000_000))

    var lifecycle: PodLifecycle
    var now = Duration.zero

    init(_ containers: [ContainerPlan], grace: Int64 = 30, activeDeadline: Int64? = nil) {
        let spec = ShimSpec(
            pod: "ns/pod",
            containers: containers,
            gracePeriodSeconds: grace,
            leaseCount: 0,
            activeDeadlineSeconds: activeDeadline
        )
        lifecycle = PodLifecycle(spec: spec, shim: ProcessIdentity(pid: 1, startTime: 1))
    }

    var state: ShimState { lifecycle.state }

    mutating func handle(_ event: PodLifecycle.Event) -> [PodLifecycle.Action] {
        lifecycle.handle(event, at: Moment(uptime: now, wall: Self.wall))
    }

    mutating func begin() -> [PodLifecycle.Action] { handle(.time) }

    mutating func advance(by duration: Duration) -> [PodLifecycle.Action] {
        now += duration
        return handle(.time)
    }

    mutating func start(_ index: Int) -> [PodLifecycle.Action] {
        handle(.started(index, ProcessIdentity(pid: Int32(index) + 100, startTime: 1)))
    }

    mutating func exit(_ index: Int, code: Int32 = 0) -> [PodLifecycle.Action] {
        handle(.exited(index, ContainerExit(code: code, signal: nil, message: "")))
    }

    mutating func fail(_ index: Int, _ stage: LaunchFailure.Stage, _ message: String) -> [PodLifecycle.Action] {
        handle(.notStarted(index, LaunchFailure(stage: stage, message: message)))
    }
}

extension ContainerPlan {
    static func initialization(_ name: String, _ restart: Restart = .onFailure) -> ContainerPlan {
        plan(name, .initialization, restart)
    }

    static func sidecar(_ name: String) -> ContainerPlan { plan(name, .sidecar, .always) }

    static func main(_ name: String, _ restart: Restart = .never, _ history: History? = nil) -> ContainerPlan {
        var plan = plan(name, .main, restart)
        plan.history = history
        return plan
    }

    private static func plan(_ name: String, _ kind: Kind, _ restart: Restart) -> ContainerPlan {
        ContainerPlan(
            name: name,
            kind: kind,
            restart: restart,
            command: ["true"],
            environment: [:],
            workingDirectory: "",
            executableDirectories: [],
            mounts: [],
            logDirectory: "",
            terminationMessagePath: "",
            fallsBackToLogs: false,
            history: nil
        )
    }
}
