import KargoCore
import Testing

@Suite("Resuming a Promotion")
struct OrchestratorResumeTests {
    @Test func `looks again at a running step, and then goes on`() async throws {
        let scenario = PromotionScenario([try step("a"), try step("b"), try step("c")]) { call in
            call.step.alias == "b" && call.step.sharedState["b"] == nil
                ? StepResult(status: .running, message: "waiting", output: ["seen": true]) : .succeeded()
        }
        var (outcome, progress) = try await scenario.run()
        #expect(outcome == .running(after: Orchestrator.defaultPollInterval))
        #expect(progress.currentStep == 1)
        #expect(progress.statuses == [.succeeded, .running])
        #expect(progress.stepExecutionMetadata[1].message == "waiting")
        let start = progress.stepExecutionMetadata[1].startedAt

        scenario.wait(seconds: 300)
        #expect(try await scenario.run(&progress) == .finished(phase: .succeeded, message: ""))
        #expect(scenario.executor.aliases == ["a", "b", "b", "c"])
        #expect(progress.stepExecutionMetadata[1].startedAt == start)
        // The second look at b is no new start.
        #expect(scenario.records.map(\.currentStep) == [0, 1, 2])
    }

    @Test func `goes on from a status as it is stored`() async throws {
        let scenario = PromotionScenario([try step("a"), try step("b"), try step("c")])
        var status = PromotionStatus()
        status.currentStep = 1
        status.state = ["a": ["x": 1]]
        status.healthChecks = [HealthCheckStep(uses: "h")]
        var done = metadata("a", .succeeded)
        done.startedAt = KubernetesTime(PromotionScenario.start)
        done.finishedAt = done.startedAt
        var begun = metadata("b", .running)
        begun.startedAt = done.startedAt
        status.stepExecutionMetadata = [done, begun]
        let stored = try JSONValue(parsing: JSONValueEncoder().encode(status).text())

        var progress = PromotionProgress(try JSONValueDecoder().decode(PromotionStatus.self, from: stored))
        #expect(try await scenario.run(&progress) == .finished(phase: .succeeded, message: ""))
        #expect(scenario.executor.aliases == ["b", "c"])
        #expect(scenario.executor.calls.first?.step.sharedState == ["a": ["x": 1]])
        #expect(progress.healthChecks == [HealthCheckStep(uses: "h")])
    }

    @Test func `does not run a step again that is recorded as complete`() async throws {
        let scenario = PromotionScenario([try step("a"), try step("b")])
        var progress = PromotionProgress()
        _ = try await scenario.run(&progress)
        progress.currentStep = 0
        #expect(try await scenario.run(&progress) == .finished(phase: .succeeded, message: ""))
        #expect(scenario.executor.aliases == ["a", "b"])
    }

    @Test func `begins anew where the work directory is lost, and keeps the outputs`() async throws {
        let scenario = PromotionScenario([try step("a"), try step("b")]) { call in
            call.step.alias == "b" ? .running() : .succeeded(output: ["commit": "c1"])
        }
        let (_, lost) = try await scenario.run()
        var progress = PromotionProgress(state: lost.state)
        _ = try await scenario.run(&progress)
        #expect(scenario.executor.aliases == ["a", "b", "a", "b"])
        #expect(scenario.executor.calls[2].step.sharedState["a"] == ["commit": "c1"])
        #expect(progress.stepExecutionMetadata.count == 2)
    }

    @Test func `does not judge a step again that has begun`() async throws {
        let scenario = PromotionScenario([try step("a", if: "${{ !failure() }}", errorThreshold: 2)]) { call in
            call.attempt.errorCount == 0 ? .errored("first") : .succeeded()
        }
        var (outcome, progress) = try await scenario.run()
        #expect(outcome == .retrying(within: nil))
        #expect(progress.statuses == [.errored])
        outcome = try await scenario.run(&progress)
        #expect(outcome == .finished(phase: .succeeded, message: ""))
        #expect(scenario.executor.calls.map(\.attempt.errorCount) == [0, 1])
    }

    @Test func `gives up after as many broken attempts as are allowed, however many looks lie between`() async throws {
        let scenario = PromotionScenario([try step("a", errorThreshold: 3)]) { call in
            let looks = call.step.sharedState["a"]?["looks"]?.intValue ?? 0
            guard looks.isMultiple(of: 2) else {
                return StepResult(status: .running, output: ["looks": .int(looks + 1)])
            }
            return StepResult(status: .errored, output: ["looks": .int(looks + 1)], failure: .retryable("broken"))
        }
        var progress = PromotionProgress()
        var outcomes: [Orchestrator.Outcome] = []
        repeat { outcomes.append(try await scenario.run(&progress)) } while outcomes.count < 9 && !isOver(outcomes)
        #expect(outcomes.count == 5)
        #expect(outcomes.last == .finished(phase: .errored, message: "met error threshold of 3: broken"))
        #expect(progress.stepExecutionMetadata[0].errorCount == 3)
    }

    @Test func `begins at the first step when the stored number of the step is none`() async throws {
        var status = PromotionStatus()
        status.currentStep = -1
        var progress = PromotionProgress(status)
        let scenario = PromotionScenario([try step("a")])
        #expect(try await scenario.run(&progress) == .finished(phase: .succeeded, message: ""))
        #expect(scenario.executor.aliases == ["a"])
    }

    @Test func `is over when the stored number of the step is beyond the last`() async throws {
        var status = PromotionStatus()
        status.currentStep = .max
        var progress = PromotionProgress(status)
        let scenario = PromotionScenario([try step("a")])
        #expect(try await scenario.run(&progress) == .finished(phase: .succeeded, message: ""))
        #expect(scenario.executor.calls.isEmpty)
    }

    @Test(arguments: [JSONValue.null, "text", [1]])
    func `reads a state that is no object as none`(_ state: JSONValue) {
        var status = PromotionStatus()
        status.state = state
        #expect(PromotionProgress(status).state.isEmpty)
    }

    private func isOver(_ outcomes: [Orchestrator.Outcome]) -> Bool {
        if case .finished = outcomes.last { true } else { false }
    }
}
