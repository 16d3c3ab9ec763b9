import KargoCore
import Testing

@Suite("Orchestrator")
struct OrchestratorTests {
    @Test func `runs all steps in order, each with the outputs of those before`() async throws {
        let scenario = PromotionScenario([try step("a"), try step("b"), try step("c")]) { call in
            .succeeded(output: ["from": .string(call.step.alias)])
        }
        let (outcome, progress) = try await scenario.run()
        #expect(outcome == .finished(phase: .succeeded, message: ""))
        #expect(scenario.executor.aliases == ["a", "b", "c"])
        #expect(scenario.executor.calls.map(\.attempt.step) == [0, 1, 2])
        #expect(scenario.executor.calls.map { $0.step.sharedState.keys.sorted() } == [[], ["a"], ["a", "b"]])
        #expect(progress.state == ["a": ["from": "a"], "b": ["from": "b"], "c": ["from": "c"]])
        #expect(progress.currentStep == 2)
        #expect(progress.stepExecutionMetadata.allSatisfy { $0.startedAt != nil && $0.finishedAt == $0.startedAt })
    }

    @Test func `has nothing to do without steps`() async throws {
        let (outcome, progress) = try await PromotionScenario([]).run()
        #expect(outcome == .finished(phase: .succeeded, message: ""))
        #expect(progress == PromotionProgress())
    }

    @Test func `records a step as running before it runs`() async throws {
        let scenario = PromotionScenario([try step("a"), try step("b")])
        _ = try await scenario.run()
        #expect(scenario.records.map(\.statuses) == [[.running], [.succeeded, .running]])
        #expect(scenario.records.map(\.currentStep) == [0, 1])
        #expect(scenario.records.allSatisfy { $0.stepExecutionMetadata.last?.startedAt != nil })
    }

    @Test func `does not run a step whose start can't be recorded`() async throws {
        struct Conflict: Error {}
        let executor = ScriptedExecutor { _ in .succeeded() }
        let plan = PromotionScenario([try step("a")]).plan
        let orchestrator = Orchestrator(
            executor: executor,
            kinds: { .found(StepKind(name: $0)) },
            data: InMemoryExpressionData(),
            redactor: SecretRedactor()
        )
        var progress = PromotionProgress()
        await #expect(throws: Conflict.self) {
            _ = try await orchestrator.run(plan, progress: &progress) { _ in throw Conflict() }
        }
        #expect(executor.calls.isEmpty)
    }

    @Test func `visits every step after a failure, and runs those that want to`() async throws {
        let steps = [
            try step("a"), try step("b"), try step("c", if: "${{ failure() }}"), try step("d", if: "${{ always() }}"),
            try step("e", if: "${{ success() }}"),
        ]
        let scenario = PromotionScenario(steps) { $0.step.alias == "a" ? .failed("no") : .succeeded() }
        let (outcome, progress) = try await scenario.run()
        #expect(outcome == .finished(phase: .failed, message: "no"))
        #expect(scenario.executor.aliases == ["a", "c", "d"])
        #expect(progress.statuses == [.failed, .skipped, .succeeded, .succeeded, .skipped])
    }

    @Test func `leaves no time on a step that is skipped`() async throws {
        let (_, progress) = try await PromotionScenario([try step("a", if: "${{ false }}")]).run()
        #expect(progress.stepExecutionMetadata == [metadata("a", .skipped)])
        #expect(progress.state.isEmpty)
    }

    @Test func `goes on after a failure that is allowed`() async throws {
        let scenario = PromotionScenario([try step("a", continueOnError: true), try step("b")]) {
            $0.step.alias == "a" ? .erroredForGood("no") : .succeeded()
        }
        let (outcome, progress) = try await scenario.run()
        #expect(outcome == .finished(phase: .succeeded, message: ""))
        #expect(progress.statuses == [.errored, .succeeded])
    }

    @Test(arguments: [
        (try step("unknown"), #"no step kind "unknown" is registered"#, false),
        (try step("a", if: "always()"), "condition", false), (try step("a", if: "${{ 1 + }}"), "condition", false),
        (try step("a", config: ["x": "${{ nothing.at.all }}"]), "configuration", true),
        (try step("a", config: [1]), "\"config\" must be an object", true),
        (
            try step("a", if: "${{ true }}", vars: [ExpressionVariable(name: "v", value: "${{ ctx.no.no }}")]), "v",
            false
        ),
    ])
    func `fails a step that can't begin, and visits the next`(
        _ broken: PromotionStep,
        reason: String,
        isStarted: Bool
    ) async throws {
        let scenario = PromotionScenario([broken, try step("next", if: "${{ failure() }}")])
        let (outcome, progress) = try await scenario.run()
        guard case .finished(.errored, let message) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(message.contains(reason))
        #expect(progress.statuses == [.errored, .succeeded])
        #expect((progress.stepExecutionMetadata[0].startedAt != nil) == isStarted)
        #expect(scenario.executor.aliases == ["next"])
    }

    @Test func `hands over the evaluated configuration and the directories`() async throws {
        let scenario = PromotionScenario(
            [try step("a", config: ["n": "${{ vars.n + 1 }}"])],
            vars: [ExpressionVariable(name: "n", value: "${{ 1 }}")]
        )
        _ = try await scenario.run()
        let told = try #require(scenario.executor.calls.first?.step)
        #expect(told.config == ["n": 2])
        #expect(told.kind == "a")
        #expect(told.workDir == "/workspace")
        #expect(told.privateDir == "/private")
    }

    @Test func `keeps the health checks of steps that succeeded`() async throws {
        let steps = try ["good", "skipped", "bad"].map { try step($0) }
        let scenario = PromotionScenario(steps) { call in
            var result = StepResult.succeeded()
            if call.step.alias == "skipped" { result.status = .skipped }
            if call.step.alias == "bad" { result = .failed("no") }
            result.healthCheck = HealthCheckStep(uses: call.step.alias)
            return result
        }
        #expect(try await scenario.run().progress.healthChecks == [HealthCheckStep(uses: "good")])
    }

    @Test func `keeps what a failed step put out`() async throws {
        let scenario = PromotionScenario([try step("a")]) { _ in
            StepResult(status: .failed, output: ["code": 3], failure: .terminal("no"))
        }
        #expect(try await scenario.run().progress.state == ["a": ["code": 3]])
    }

    @Test func `takes what an executor throws for an attempt that broke`() async throws {
        struct Broken: Error, CustomStringConvertible { let description = "the wire is cut" }
        let scenario = PromotionScenario([try step("a", errorThreshold: 2)]) { _ in throw Broken() }
        let (outcome, progress) = try await scenario.run()
        #expect(outcome == .retrying(within: nil))
        #expect(progress.stepExecutionMetadata[0].message == "the wire is cut; will be retried")
    }

    @Test func `passes on that it was cancelled, and leaves the step running`() async throws {
        let scenario = PromotionScenario([try step("a")]) { _ in throw CancellationError() }
        var progress = PromotionProgress()
        await #expect(throws: CancellationError.self) { _ = try await scenario.run(&progress) }
        #expect(progress.statuses == [.running])
        #expect(progress.stepExecutionMetadata[0].finishedAt == nil)
    }

    @Test func `passes on that the workspace is lost, which is no failure of the step`() async throws {
        let lost = WorkspaceLostError("the Pod was deleted")
        let scenario = PromotionScenario([try step("a")]) { _ in throw lost }
        var progress = PromotionProgress()
        await #expect(throws: lost) { _ = try await scenario.run(&progress) }
        #expect(progress.statuses == [.running])
        #expect(progress.stepExecutionMetadata[0].errorCount == 0)
    }

    @Test func `starts no step once it is cancelled`() async throws {
        let scenario = PromotionScenario([try step("a"), try step("b")]) { _ in
            withUnsafeCurrentTask { $0?.cancel() }
            return .succeeded()
        }
        let run = Task { try await scenario.run().outcome }
        await #expect(throws: CancellationError.self) { try await run.value }
        #expect(scenario.executor.aliases == ["a"])
    }

    @Test func `runs each of two steps with one alias`() async throws {
        let scenario = PromotionScenario([try step("a"), try step("b"), try step("a")]) { call in
            call.attempt.step == 2 ? .failed("no") : .succeeded()
        }
        let (outcome, progress) = try await scenario.run()
        #expect(outcome == .finished(phase: .failed, message: "no"))
        #expect(scenario.executor.aliases == ["a", "b", "a"])
        #expect(progress.statuses == [.succeeded, .succeeded, .failed])
    }
}
