import KargoCore
import Testing

@testable import LocalCluster

struct PodLifecycleTests {
    @Test func `starts init containers one after another and main containers together`() {
        var pod = LifecycleFixture([.initialization("a"), .initialization("b"), .main("c"), .main("d")])
        #expect(pod.begin() == [.start(0, attempt: 0)])
        #expect(pod.start(0) == [])
        #expect(pod.exit(0) == [.start(1, attempt: 0)])
        #expect(pod.start(1) == [])
        #expect(!pod.state.isInitialized)
        #expect(pod.exit(1) == [.start(2, attempt: 0), .start(3, attempt: 0)])
        #expect(pod.state.isInitialized)
    }

    @Test func `starts what follows a sidecar as soon as it runs`() {
        var pod = LifecycleFixture([.sidecar("a"), .sidecar("b"), .main("c")])
        #expect(pod.begin() == [.start(0, attempt: 0)])
        #expect(pod.start(0) == [.start(1, attempt: 0)])
        #expect(pod.start(1) == [.start(2, attempt: 0)])
    }

    @Test func `waits for a sidecar that failed before its turn was over`() {
        var pod = LifecycleFixture([.sidecar("a"), .initialization("b"), .main("c")])
        _ = pod.begin()
        #expect(pod.start(0) == [.start(1, attempt: 0)])
        _ = pod.start(1)
        #expect(pod.exit(0, code: 1) == [.start(0, attempt: 1)])
        // The init container is done, but the sidecar does not run.
        #expect(pod.exit(1) == [])
        #expect(pod.start(0) == [.start(2, attempt: 0)])
    }

    @Test(
        arguments: [
            (ContainerPlan.Restart.never, 0, false), (.never, 1, false), (.onFailure, 0, false), (.onFailure, 1, true),
            (.always, 0, true), (.always, 1, true),
        ] as [(ContainerPlan.Restart, Int32, Bool)]
    )
    func `starts a container again as its policy says`(
        policy: ContainerPlan.Restart,
        code: Int32,
        isStartedAgain: Bool
    ) {
        var pod = LifecycleFixture([.main("a", policy)])
        _ = pod.begin()
        _ = pod.start(0)
        let actions = pod.exit(0, code: code)
        #expect(actions == (isStartedAgain ? [.start(0, attempt: 1)] : [.clear]))
    }

    @Test func `waits longer and longer before it starts a container again`() {
        var pod = LifecycleFixture([.main("a", .always)])
        _ = pod.begin()
        var waits: [Int64] = []
        for attempt in 0..<8 as Range<Int32> {
            _ = pod.start(0)
            if pod.exit(0, code: 1).isEmpty {
                let deadline = pod.lifecycle.deadline ?? .zero
                waits.append((deadline - pod.now).components.seconds)
                #expect(pod.advance(by: deadline - pod.now - .milliseconds(1)) == [])
                #expect(pod.advance(by: .milliseconds(1)) == [.start(0, attempt: attempt + 1)])
            }
        }
        #expect(waits == [10, 20, 40, 80, 160, 300, 300])
    }

    @Test func `forgets failures after ten minutes of running`() {
        var pod = LifecycleFixture([.main("a", .always)])
        _ = pod.begin()
        _ = pod.start(0)
        #expect(pod.exit(0, code: 1) == [.start(0, attempt: 1)])
        _ = pod.start(0)
        _ = pod.advance(by: .seconds(600))
        #expect(pod.exit(0, code: 1) == [.start(0, attempt: 2)])
    }

    @Test func `shows a container that waits to start again as crash looping`() {
        var pod = LifecycleFixture([.main("a", .onFailure)])
        _ = pod.begin()
        for _ in 0..<2 {
            _ = pod.start(0)
            _ = pod.exit(0, code: 7)
        }
        let record = pod.state.containers[0]
        #expect(
            record.state
                == .waiting(
                    reason: "CrashLoopBackOff",
                    message: "back-off 10s restarting failed container=a pod=ns/pod"
                )
        )
        #expect(record.restartCount == 1)
        #expect(record.lastTermination?.exitCode == 7)
        #expect(record.lastTermination?.attempt == 1)
        #expect(!record.isDone)
    }

    @Test func `fails the Pod when an init container fails that is not started again`() {
        var pod = LifecycleFixture([.sidecar("a"), .initialization("b", .never), .main("c", .never)])
        _ = pod.begin()
        _ = pod.start(0)
        _ = pod.start(1)
        #expect(pod.exit(1, code: 2) == [.terminate(0)])
        #expect(pod.exit(0) == [.clear])
        #expect(pod.handle(.cleared) == [])
        #expect(pod.state.phase == .finished)
        #expect(!pod.state.hasSucceeded)
        #expect(pod.state.containers[2].state == .waiting(reason: "PodInitializing", message: ""))
    }

    @Test func `tries an init container again that failed`() {
        var pod = LifecycleFixture([.initialization("a", .onFailure), .main("b")])
        _ = pod.begin()
        _ = pod.start(0)
        #expect(pod.exit(0, code: 1) == [.start(0, attempt: 1)])
        _ = pod.start(0)
        #expect(pod.exit(0) == [.start(1, attempt: 0)])
    }

    @Test func `treats a command that can't be executed as a failed run`() {
        var pod = LifecycleFixture([.main("a", .onFailure)])
        _ = pod.begin()
        #expect(pod.fail(0, .start, "no such file") == [.start(0, attempt: 1)])
        #expect(pod.fail(0, .start, "no such file") == [])
        let record = pod.state.containers[0]
        #expect(record.state == .waiting(reason: "RunContainerError", message: "no such file"))
        #expect(record.lastTermination?.exitCode == 128)
        #expect(record.lastTermination?.reason == "StartError")
        #expect(record.lastTermination?.process == nil)
    }

    @Test func `tries again to make a container under every policy, and counts no restart`() {
        var pod = LifecycleFixture([.main("a", .never)])
        _ = pod.begin()
        #expect(pod.fail(0, .creation, "no namespaces") == [])
        #expect(pod.state.containers[0].state == .waiting(reason: "CreateContainerError", message: "no namespaces"))
        #expect(pod.advance(by: .seconds(10)) == [.start(0, attempt: 0)])
        #expect(pod.fail(0, .creation, "no namespaces") == [])
        #expect(pod.advance(by: .seconds(10)) == [])
        #expect(pod.advance(by: .seconds(10)) == [.start(0, attempt: 0)])
        #expect(pod.state.containers[0].restartCount == 0)
    }

    @Test func `goes on where an earlier shim was lost`() {
        let last = Termination(
            attempt: 2,
            process: nil,
            exitCode: 137,
            signal: 9,
            reason: "Error",
            message: "",
            startedAt: LifecycleFixture.wall,
            finishedAt: LifecycleFixture.wall
        )
        var done = last
        done.exitCode = 0
        var pod = LifecycleFixture([
            .main("a", .onFailure, ContainerPlan.History(lastTermination: last, nextAttempt: 3, isDone: false)),
            .main("b", .onFailure, ContainerPlan.History(lastTermination: done, nextAttempt: 3, isDone: true)),
        ])
        #expect(pod.begin() == [.start(0, attempt: 3)])
        #expect(pod.state.containers[0].restartCount == 3)
        #expect(pod.state.containers[0].lastTermination == last)
        #expect(pod.state.containers[1].state == .terminated(done))
        _ = pod.start(0)
        #expect(pod.exit(0) == [.clear])
        #expect(pod.state.hasSucceeded)
    }
}
