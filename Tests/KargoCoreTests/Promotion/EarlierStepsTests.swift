import Testing

@testable import KargoCore

@Suite("What earlier steps were told")
struct EarlierStepsTests {
    /// The configurations of earlier steps of the kind `clone`.
    private func configs(
        of steps: [PromotionStep],
        before index: Int,
        statuses: [StepStatus],
        state: [String: JSONValue] = [:]
    ) async throws -> [JSONValue] {
        var spec = PromotionSpec()
        spec.steps = steps
        let project = ExpressionProject()
        let plan = PromotionPlan(spec, promotion: project.promotion, workDir: "/workspace", privateDir: "/tmp")
        var progress = PromotionProgress(state: state)
        progress.currentStep = index
        progress.stepExecutionMetadata = zip(plan.steps, statuses)
            .map { step, status in
                var metadata = StepExecutionMetadata(alias: step.as)
                metadata.status = status
                return metadata
            }
        return
            try await StepEvaluator.earlierSteps(
                ofKind: "clone",
                before: index,
                of: plan,
                progress,
                data: project.data,
                redactor: SecretRedactor()
            )
            .map(\.config)
    }

    private func clone(_ url: String, as alias: String = "") -> PromotionStep {
        var step = PromotionStep(uses: "clone")
        step.as = alias
        step.config = ["url": .string(url)]
        return step
    }

    @Test func `are those of the kind that have succeeded, up to the step`() async throws {
        let steps = [clone("a"), PromotionStep(uses: "other"), clone("b"), clone("c"), clone("d"), clone("e")]
        let statuses: [StepStatus] = [.succeeded, .succeeded, .failed, .skipped, .succeeded, .running]
        #expect(try await configs(of: steps, before: 5, statuses: statuses) == [["url": "a"], ["url": "d"]])
        #expect(try await configs(of: steps, before: 4, statuses: statuses) == [["url": "a"]])
        #expect(try await configs(of: steps, before: 0, statuses: statuses) == [])
        #expect(try await configs(of: steps, before: 5, statuses: []) == [])
    }

    @Test func `are evaluated on what was there before them`() async throws {
        let steps = [
            PromotionStep(uses: "other"), clone("${{ outputs['step-1'].url }}", as: "first"),
            clone("${{ outputs.plugin?.url ?? 'none' }} ${{ status('plugin') }}${{ failure() }}"),
            PromotionStep(uses: "other"),
        ]
        var plugin = PromotionStep(uses: "other")
        plugin.as = "plugin"
        // What a plugin puts out after a step has no say in what the step was told.
        let state: [String: JSONValue] = ["step-1": ["url": "a"], "plugin": ["url": "https://evil"]]
        let found = try await configs(
            of: steps + [plugin],
            before: 5 - 1,
            statuses: [.succeeded, .succeeded, .succeeded, .failed],
            state: state
        )
        #expect(found == [["url": "a"], ["url": "none false"]])
    }

    @Test func `keep their place where two have one alias`() async throws {
        let steps = [clone("a", as: "x"), clone("b", as: "x"), PromotionStep(uses: "other")]
        #expect(try await configs(of: steps, before: 2, statuses: [.failed, .succeeded]) == [["url": "b"]])
    }

    @Test func `see the outputs of their task`() async throws {
        var compose = PromotionStep(uses: "other")
        compose.as = "task::compose"
        let steps = [compose, clone("${{ task.outputs.compose.url }}", as: "task::clone"), PromotionStep(uses: "push")]
        let state: [String: JSONValue] = ["task::compose": ["url": "a"], "task": ["url": "a"]]
        #expect(
            try await configs(of: steps, before: 2, statuses: [.succeeded, .succeeded], state: state) == [["url": "a"]]
        )
    }

    @Test func `leave out what can't be evaluated any more`() async throws {
        let steps = [clone("${{ outputs.gone.url }}"), clone("b"), clone("c")]
        #expect(try await configs(of: steps, before: 2, statuses: [.succeeded, .succeeded]) == [["url": "b"]])
    }
}
