import Testing

@testable import LocalCluster

struct PodLifecycleCheckTests {
    private func main(_ checks: CheckPlan, _ restart: ContainerPlan.Restart = .always) -> ContainerPlan {
        var plan = ContainerPlan.main("a", restart)
        plan.checks = checks
        return plan
    }

    private func probe(failures: Int32 = 1, grace: Int64? = nil) -> ProbePlan {
        ProbePlan(
            action: .exec(["true"]),
            initialDelaySeconds: 0,
            timeoutSeconds: 1,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: failures,
            gracePeriodSeconds: grace
        )
    }

    private let success = CheckResult(isSuccess: true)
    private let failure = CheckResult(isSuccess: false, message: "no")

    private func reasons(_ pod: LifecycleFixture) -> [String] { pod.state.notes.map(\.reason) }

    @Test func `shows a container as ready when its probe succeeds`() {
        var pod = LifecycleFixture([main(CheckPlan(readiness: probe()))])
        _ = pod.begin()
        #expect(pod.start(0) == [.check(0, .readiness)])
        #expect(pod.state.containers[0].isStarted)
        #expect(!pod.state.containers[0].isReady)
        _ = pod.handle(.checked(0, .readiness, success))
        #expect(pod.state.containers[0].isReady)
        _ = pod.exit(0)
        #expect(!pod.state.containers[0].isReady)
    }

    @Test(arguments: [(nil, 30), (3, 3)] as [(Int64?, Int64)])
    func `asks a container to end that fails its liveness probe, then kills it`(grace: Int64?, seconds: Int64) {
        var pod = LifecycleFixture([main(CheckPlan(liveness: probe(grace: grace)), .onFailure)])
        _ = pod.begin()
        #expect(pod.start(0) == [.check(0, .liveness)])
        #expect(pod.handle(.checked(0, .liveness, failure)) == [.terminate(0)])
        #expect(pod.advance(by: .seconds(seconds) - .milliseconds(1)) == [])
        #expect(pod.advance(by: .milliseconds(1)) == [.kill(0)])
        // Even one that ends without an error has failed.
        #expect(pod.exit(0) == [.start(0, attempt: 1)])
        #expect(reasons(pod) == ["Created", "Started", "Unhealthy", "Killing"])
        #expect(pod.state.notes.last?.message == "Container a failed liveness probe, will be restarted")
    }

    @Test func `does not start a container again that failed a probe, where nothing is`() {
        var pod = LifecycleFixture([main(CheckPlan(startup: probe()), .never)])
        _ = pod.begin()
        _ = pod.start(0)
        #expect(pod.handle(.checked(0, .startup, failure)) == [.terminate(0)])
        #expect(pod.exit(0, code: 143) == [.clear])
    }

    @Test func `starts what follows a sidecar when its startup probe succeeds`() {
        var sidecar = ContainerPlan.sidecar("s")
        sidecar.checks.startup = probe(failures: 3)
        var pod = LifecycleFixture([sidecar, .main("a")])
        _ = pod.begin()
        #expect(pod.start(0) == [.check(0, .startup)])
        #expect(!pod.state.isInitialized)
        #expect(pod.handle(.checked(0, .startup, success)) == [.start(1, attempt: 0)])
    }

    @Test func `runs the hook of the start, whose failure ends the container`() {
        var pod = LifecycleFixture([main(CheckPlan(postStart: .exec(["x"])), .never)])
        _ = pod.begin()
        #expect(pod.start(0) == [.check(0, .postStart)])
        #expect(!pod.state.containers[0].isReady)
        #expect(pod.handle(.checked(0, .postStart, failure)) == [.terminate(0)])
        #expect(reasons(pod).contains("FailedPostStartHook"))
    }

    @Test func `runs the hook of the end before it asks the container to end`() {
        var pod = LifecycleFixture([main(CheckPlan(preStop: .exec(["x"])))])
        _ = pod.begin()
        _ = pod.start(0)
        #expect(pod.handle(.stop(grace: .seconds(10))) == [.check(0, .preStop)])
        #expect(pod.handle(.checked(0, .preStop, success)) == [.terminate(0)])
        #expect(pod.advance(by: .seconds(10)) == [.kill(0)])
    }

    @Test func `leaves a container two seconds when the hook of the end takes all its time`() {
        var pod = LifecycleFixture([main(CheckPlan(preStop: .sleep(60)))])
        _ = pod.begin()
        _ = pod.start(0)
        _ = pod.handle(.stop(grace: .seconds(10)))
        #expect(pod.advance(by: .seconds(10)) == [.cancel(0, .preStop), .terminate(0)])
        #expect(reasons(pod).contains("FailedPreStopHook"))
        #expect(pod.advance(by: .seconds(2)) == [.kill(0)])
    }

    @Test func `kills at once though the hook of the end runs`() {
        var pod = LifecycleFixture([main(CheckPlan(preStop: .sleep(60)))])
        _ = pod.begin()
        _ = pod.start(0)
        _ = pod.handle(.stop(grace: .seconds(10)))
        #expect(pod.handle(.kill) == [.cancel(0, .preStop), .kill(0)])
    }

    @Test func `ends a Pod that has run for as long as it may`() {
        var pod = LifecycleFixture([.main("a", .always)], grace: 4, activeDeadline: 60)
        _ = pod.begin()
        _ = pod.start(0)
        #expect(pod.lifecycle.deadline == .seconds(60))
        #expect(pod.advance(by: .seconds(60)) == [.terminate(0)])
        #expect(pod.exit(0) == [.clear])
        #expect(pod.state.hasExceededDeadline)
        #expect(!pod.state.hasSucceeded)
        #expect(reasons(pod).contains("DeadlineExceeded"))
    }

    @Test func `notes what becomes of containers, and keeps the latest only`() {
        var pod = LifecycleFixture([.main("a", .always)])
        _ = pod.begin()
        for _ in 0..<30 {
            _ = pod.start(0)
            _ = pod.exit(0, code: 1)
            _ = pod.advance(by: .seconds(300))
        }
        let notes = pod.state.notes
        #expect(notes.count == PodNote.maximumCount)
        #expect(zip(notes, notes.dropFirst()).allSatisfy { $1.number == $0.number + 1 })
        #expect(Set(notes.map(\.reason)) == ["Created", "Started", "BackOff"])
        #expect(notes.last?.message == "Back-off restarting failed container a in pod ns/pod")
    }
}
