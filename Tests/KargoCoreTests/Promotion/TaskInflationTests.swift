import KargoCore
import Testing

@Suite("Task inflation")
struct TaskInflationTests {
    private struct Missing: Error {}

    private func use(
        _ task: String,
        kind: String = "",
        as alias: String = "",
        vars: [ExpressionVariable] = []
    ) -> PromotionStep {
        var step = PromotionStep()
        step.as = alias
        step.vars = vars
        step.task = PromotionTaskReference()
        step.task?.name = task
        step.task?.kind = kind
        return step
    }

    private func task(_ steps: [PromotionStep], vars: [ExpressionVariable] = []) -> PromotionTaskSpec {
        var task = PromotionTaskSpec()
        task.steps = steps
        task.vars = vars
        return task
    }

    private func inflate(
        _ steps: [PromotionStep],
        _ tasks: [String: PromotionTaskSpec] = [:],
        vars: [ExpressionVariable] = []
    ) async throws -> [PromotionStep] {
        try await TaskInflation.inflate(steps, vars: vars) { kind, name in
            guard let task = tasks["\(kind.rawValue)/\(name)"] else { throw Missing() }
            return task
        }
    }

    @Test func `names steps and tasks without an alias by their place in their own list`() async throws {
        let inner = task([PromotionStep(uses: "x"), try step("named"), PromotionStep(uses: "y")])
        let steps = [PromotionStep(uses: "a"), use("t"), try step("b"), use("t", as: "mine"), PromotionStep(uses: "c")]
        let inflated = try await inflate(steps, ["PromotionTask/t": inner])
        #expect(
            inflated.map(\.as) == [
                "step-1", "task-2::step-1", "task-2::named", "task-2::step-3", "b", "mine::step-1", "mine::named",
                "mine::step-3", "step-5",
            ]
        )
        #expect(inflated.map(\.uses) == ["a", "x", "named", "y", "b", "x", "named", "y", "c"])
        #expect(inflated.allSatisfy { $0.task == nil })
    }

    @Test func `finds tasks of both kinds, the Project's when none is named`() async throws {
        let tasks = [
            "PromotionTask/t": task([PromotionStep(uses: "own")]),
            "ClusterPromotionTask/t": task([PromotionStep(uses: "shared")]),
        ]
        let steps = [use("t"), use("t", kind: "PromotionTask"), use("t", kind: "ClusterPromotionTask")]
        #expect(try await inflate(steps, tasks).map(\.uses) == ["own", "own", "shared"])
    }

    @Test func `refuses other kinds of task and passes on that one is missing`() async throws {
        let steps = [try step("a"), use("t", kind: "Job")]
        await #expect(throws: TaskInflation.Failure.unknownKind(step: 1, kind: "Job")) { try await inflate(steps) }
        await #expect(throws: Missing.self) { try await inflate([use("t")]) }
    }

    @Test func `refuses tasks within tasks`() async throws {
        let tasks = ["PromotionTask/outer": task([try step("x"), use("inner")]), "PromotionTask/inner": task([])]
        await #expect(throws: TaskInflation.Failure.nestedTask(step: 1, task: "outer")) {
            try await inflate([try step("a"), use("outer")], tasks)
        }
    }

    @Test func `keeps everything else of a step`() async throws {
        let inner = try step(
            "x",
            if: "${{ always() }}",
            continueOnError: true,
            timeout: "5m",
            errorThreshold: 3,
            config: ["k": "v"]
        )
        var expected = inner
        let plain = try await inflate([inner])
        #expect(plain == [expected])
        expected.as = "task-1::x"
        let inflated = try await inflate([use("t")], ["PromotionTask/t": task([inner])])
        #expect(inflated == [expected])
    }

    @Test func `may leave nothing of a task without steps`() async throws {
        #expect(try await inflate([use("t")], ["PromotionTask/t": task([])]).isEmpty)
    }

    // MARK: Variables

    private func variable(_ name: String, _ value: String = "") -> ExpressionVariable {
        ExpressionVariable(name: name, value: value)
    }

    @Test func `puts the task's defaults first, then what it is given, then the step's own`() async throws {
        var first = try step("x", vars: [variable("v", "inner")])
        first.uses = "x"
        let inner = task([first, try step("y")], vars: [variable("v", "default"), variable("w", "default")])
        let given = [variable("v", "given"), variable("z", "extra")]
        let inflated = try await inflate([use("t", vars: given)], ["PromotionTask/t": inner])
        let shared = [variable("v", "default"), variable("w", "default")] + given
        #expect(inflated.map(\.vars) == [shared + [variable("v", "inner")], shared])
    }

    @Test func `leaves a default out where the Promotion gives a value`() async throws {
        let inner = task([try step("x")], vars: [variable("v", "default"), variable("w", "default")])
        let vars = [variable("v", "promotion"), variable("w", "")]
        let inflated = try await inflate([use("t")], ["PromotionTask/t": inner], vars: vars)
        #expect(inflated.map(\.vars) == [[variable("w", "default")]])
    }

    @Test func `takes a value that a task demands from the Promotion or the step`() async throws {
        let inner = ["PromotionTask/t": task([try step("x")], vars: [variable("v")])]
        let fromPromotion = try await inflate([use("t")], inner, vars: [variable("v", "p")])
        #expect(fromPromotion.map(\.vars) == [[]])
        let fromStep = try await inflate([use("t", vars: [variable("v", "s")])], inner)
        #expect(fromStep.map(\.vars) == [[variable("v", "s")]])
    }

    @Test(arguments: [[], [ExpressionVariable(name: "v")], [ExpressionVariable(name: "V", value: "x")]])
    func `refuses a task without a value that it demands`(_ given: [ExpressionVariable]) async throws {
        let inner = ["PromotionTask/t": task([try step("x")], vars: [variable("v")])]
        let failure = await #expect(throws: TaskInflation.Failure.self) {
            try await inflate([try step("a"), use("t", vars: given)], inner)
        }
        #expect(failure == .missingVariable(step: 1, task: "t", variable: "v"))
        #expect(failure?.description == #"steps[1].vars: task "t" needs a value for its variable "v""#)
    }
}
