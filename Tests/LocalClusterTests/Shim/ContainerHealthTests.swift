import Testing

@testable import LocalCluster

struct ContainerHealthTests {
    private func probe(
        delay: Int32 = 0,
        timeout: Int32 = 1,
        period: Int32 = 10,
        successes: Int32 = 1,
        failures: Int32 = 3
    ) -> ProbePlan {
        ProbePlan(
            action: .exec(["true"]),
            initialDelaySeconds: delay,
            timeoutSeconds: timeout,
            periodSeconds: period,
            successThreshold: successes,
            failureThreshold: failures
        )
    }

    private let success = CheckResult(isSuccess: true)
    private let failure = CheckResult(isSuccess: false, message: "no")

    @Test func `is ready at once without probes`() {
        let health = ContainerHealth(CheckPlan(), at: .zero)
        #expect(health.hasStarted)
        #expect(health.isReady)
        #expect(health.deadline == nil)
    }

    @Test func `makes the first probe after the delay and then one in each period`() {
        var health = ContainerHealth(CheckPlan(readiness: probe(delay: 5, period: 3)), at: .seconds(100))
        #expect(health.deadline == .seconds(105))
        #expect(health.advance(at: .seconds(104)) == [])
        #expect(health.advance(at: .seconds(105)) == [.check(.readiness)])
        #expect(health.advance(at: .seconds(105)) == [])
        #expect(!health.isReady)
        #expect(health.note(.readiness, success, at: .seconds(105)) == [])
        #expect(health.isReady)
        #expect(health.deadline == .seconds(108))
        #expect(health.advance(at: .seconds(108)) == [.check(.readiness)])
    }

    @Test func `takes as many successes and failures in a row as the thresholds say`() {
        var health = ContainerHealth(CheckPlan(readiness: probe(period: 1, successes: 2, failures: 2)), at: .zero)
        var history: [Bool] = []
        for (second, result) in [success, failure, success, success, failure, success, failure, failure].enumerated() {
            #expect(health.advance(at: .seconds(second)) == [.check(.readiness)])
            let told = health.note(.readiness, result, at: .seconds(second))
            #expect(told == (result.isSuccess ? [] : [.tell(.readiness, "no")]))
            history.append(health.isReady)
        }
        #expect(history == [false, false, false, true, true, true, true, false])
    }

    @Test func `ends a container whose liveness probe fails too often`() {
        var health = ContainerHealth(CheckPlan(liveness: probe(period: 1, failures: 2)), at: .zero)
        _ = health.advance(at: .zero)
        #expect(health.note(.liveness, failure, at: .zero) == [.tell(.liveness, "no")])
        _ = health.advance(at: .seconds(1))
        #expect(health.note(.liveness, failure, at: .seconds(1)) == [.tell(.liveness, "no"), .end(.liveness)])
        #expect(health.deadline == nil)
        #expect(health.advance(at: .seconds(60)) == [])
        #expect(!health.isReady)
    }

    @Test func `makes no other probe until the container has started`() {
        let plan = CheckPlan(startup: probe(period: 1), readiness: probe(), liveness: probe())
        var health = ContainerHealth(plan, at: .zero)
        #expect(health.advance(at: .zero) == [.check(.startup)])
        #expect(!health.hasStarted)
        _ = health.note(.startup, failure, at: .zero)
        #expect(health.advance(at: .seconds(1)) == [.check(.startup)])
        _ = health.note(.startup, success, at: .seconds(1))
        #expect(health.hasStarted)
        #expect(!health.isReady)
        #expect(health.advance(at: .seconds(1)) == [.check(.readiness), .check(.liveness)])
    }

    @Test func `takes a probe without an answer for failed`() {
        var health = ContainerHealth(CheckPlan(liveness: probe(timeout: 2, failures: 1)), at: .zero)
        _ = health.advance(at: .zero)
        #expect(health.deadline == .seconds(2))
        #expect(
            health.advance(at: .seconds(2))
                == [.cancel(.liveness), .tell(.liveness, "no answer within 2s"), .end(.liveness)]
        )
        #expect(health.note(.liveness, success, at: .seconds(3)) == [])
    }

    @Test func `has not started before the hook of the start has run`() {
        var health = ContainerHealth(CheckPlan(postStart: .sleep(1)), at: .zero)
        #expect(!health.hasStarted)
        health.noteHook()
        #expect(health.isReady)
    }
}
