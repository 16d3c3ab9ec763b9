import Testing

@testable import KargoCore

@Suite("Expressions of a step")
struct StepEvaluatorTests {
    private func evaluator(
        _ step: PromotionStep,
        vars: [ExpressionVariable] = [],
        state: [String: JSONValue] = [:],
        metadata: [StepExecutionMetadata] = [],
        promotion: PromotionContext = PromotionContext()
    ) -> StepEvaluator {
        var spec = PromotionSpec()
        spec.vars = vars
        var progress = PromotionProgress(state: state)
        progress.stepExecutionMetadata = metadata
        let plan = PromotionPlan(spec, promotion: promotion, workDir: "", privateDir: "")
        return StepEvaluator(
            plan: plan,
            step: step,
            progress: progress,
            data: InMemoryExpressionData(),
            redactor: SecretRedactor()
        )
    }

    private func variable(_ name: String, _ value: String) -> ExpressionVariable {
        ExpressionVariable(name: name, value: value)
    }

    // MARK: Variables

    @Test func `takes the last variable of a name, the step's after the Promotion's`() async throws {
        let step = try step(
            "a",
            vars: [variable("y", "step"), variable("z", "first"), variable("z", "last")],
            config: ["x": "${{ vars.x }}", "y": "${{ vars.y }}", "z": "${{ vars.z }}"]
        )
        let evaluator = evaluator(step, vars: [variable("x", "promotion"), variable("y", "promotion")])
        #expect(try await evaluator.config() == ["x": "promotion", "y": "step", "z": "last"])
    }

    @Test func `lets a variable use those before it`() async throws {
        let step = try step(
            "a",
            vars: [variable("n", "${{ vars.n + 1 }}"), variable("m", "${{ vars.n * 2 }}")],
            config: ["m": "${{ vars.m }}", "early": "${{ vars.early }}"]
        )
        let vars = [variable("early", "${{ vars.n ?? 'unset' }}"), variable("n", "${{ 1 }}")]
        #expect(try await evaluator(step, vars: vars).config() == ["m": 4, "early": "unset"])
    }

    @Test func `shows outputs to the step's variables and not to the Promotion's`() async throws {
        let source = "${{ outputs?.build?.image ?? 'none' }}"
        let step = try step(
            "a",
            vars: [variable("own", source)],
            config: ["own": "${{ vars.own }}", "common": "${{ vars.common }}"]
        )
        let evaluator = evaluator(step, vars: [variable("common", source)], state: ["build": ["image": "i:1"]])
        #expect(try await evaluator.config() == ["own": "i:1", "common": "none"])
    }

    @Test func `compares and raises versions`() async throws {
        let step = try step(
            "a",
            vars: [variable("next", "${{ semverParse('1.2.3').IncMinor().String() }}")],
            config: ["next": "${{ vars.next }}", "change": "${{ semverDiff('1.2.3', vars.next) }}"]
        )
        #expect(try await evaluator(step).config() == ["next": "1.3.0", "change": "Minor"])
    }

    @Test func `names the variable that can't be evaluated`() async throws {
        let evaluator = evaluator(try step("a", config: [:]), vars: [variable("bad", "${{ 1 / }}")])
        let error = await #expect(throws: ExpressionError.self) { try await evaluator.config() }
        #expect(error?.path.description == "vars.bad")
    }

    @Test(arguments: ["success()", "failure()", "always()", "status('a')"])
    func `has no status functions in variables`(_ call: String) async throws {
        let evaluator = evaluator(try step("a", vars: [variable("v", "${{ \(call) }}")], config: [:]))
        await #expect(throws: ExpressionError.self) { try await evaluator.config() }
    }

    // MARK: Condition

    @Test(
        arguments: [
            ("", false, true), ("", true, false), ("${{ true }}", true, true), ("${{ false }}", false, false),
            ("${{ success() }}", false, true), ("${{ success() }}", true, false), ("${{ failure() }}", true, true),
            ("${{ failure() }}", false, false), ("${{ always() }}", true, true), ("true", false, nil),
            ("always()", false, nil), ("${{ \"true\" }}", false, true), ("${{ \"t\" }}", true, true),
            ("  ${{ true }}", false, true), ("${{ 1 }}", false, nil), ("${{ nil }}", false, nil),
            ("${{ \"yes\" }}", false, nil), ("${{ vars.on }}", true, true),
            ("${{ outputs.a.n > 1 && ctx.stage == 's' }}", true, true), ("${{ [true] }}", false, nil),
            ("${{ nowhere() }}", false, nil), ("${{ true", false, nil),
        ] as [(String, Bool, Bool?)]
    )
    func `runs by its condition, else unless something failed`(
        _ condition: String,
        _ hasFailed: Bool,
        _ expected: Bool?
    ) async throws {
        var promotion = PromotionContext()
        promotion.stage = "s"
        let evaluator = evaluator(
            try step("b", if: condition),
            vars: [variable("on", "${{ true }}")],
            state: ["a": ["n": 2]],
            metadata: [metadata("a", hasFailed ? .failed : .succeeded)],
            promotion: promotion
        )
        if let expected {
            #expect(try await evaluator.shouldRun() == expected)
        } else {
            await #expect(throws: ExpressionError.self) { try await evaluator.shouldRun() }
        }
    }

    @Test func `does not count failures that are allowed`() async throws {
        let allowed = [metadata("a", .errored, continueOnError: true)]
        #expect(try await evaluator(try step("b"), metadata: allowed).shouldRun())
        #expect(try await !evaluator(try step("b", if: "${{ failure() }}"), metadata: allowed).shouldRun())
    }

    @Test(
        arguments: [
            ("c", "a", "Succeeded"), ("c", "b", "Errored"), ("c", "none", ""), ("t::z", "x", "Failed"),
            ("t::z", "a", ""), ("u::z", "x", "Skipped"), ("c", "new", ""), ("::c", "a", "Succeeded"),
            ("c", "t::x", ""), ("t::z", "t::x", ""),
        ]
    )
    func `tells the status of steps of the same task, or of none`(
        _ alias: String,
        _ asked: String,
        _ expected: String
    ) async throws {
        let steps = [
            metadata("a", .succeeded), metadata("b", .errored), metadata("t::x", .failed), metadata("u::x", .skipped),
            metadata("new", nil),
        ]
        let step = try step(alias, config: ["s": .string("${{ quote(status('\(asked)')) }}")])
        let evaluator = evaluator(step, metadata: steps)
        #expect(try await evaluator.config() == ["s": .string(expected)])
    }

    @Test(arguments: ["status('')", "status(1)", "status()", "status('a', 'b')", "always(1)"])
    func `refuses status functions with other arguments`(_ call: String) async throws {
        let evaluator = evaluator(try step("a", if: "${{ \(call) != nil }}"))
        await #expect(throws: ExpressionError.self) { try await evaluator.shouldRun() }
    }

    // MARK: Names

    @Test func `knows the Promotion and what it is about`() async throws {
        var promotion = PromotionContext()
        promotion.uiBaseURL = "https://kargo"
        promotion.project = "p"
        promotion.stage = "s"
        promotion.promotion = "s.01"
        promotion.actor = "me"
        promotion.isRollback = true
        promotion.targetFreight.name = "f"
        promotion.targetFreight.origin = FreightOrigin(name: "w")
        promotion.targetFreightAlias = "wily-fox"
        let evaluator = evaluator(try step("t::a", config: ["ctx": "${{ ctx }}"]), promotion: promotion)
        #expect(
            try await evaluator.config() == [
                "ctx": [
                    "uiBaseUrl": "https://kargo", "project": "p", "stage": "s", "promotion": "s.01",
                    "targetFreight": ["name": "f", "alias": "wily-fox", "origin": ["name": "w"]],
                    "meta": ["promotion": ["actor": "me", "rollback": true], "step": ["alias": "t::a"]],
                ]
            ]
        )
    }

    @Test(
        arguments: [
            ("t::z", ["x": ["n": 1], "y": [:]]), ("u::z", ["x": ["n": 2]]), ("v::z", [:]), ("plain", nil),
            ("a::b::c", nil),
            ("::z", nil),
        ] as [(String, JSONValue)]
    )
    func `shows a task's step what the task's other steps put out`(_ alias: String, _ expected: JSONValue) async throws
    {
        let state: [String: JSONValue] = [
            "t": ["total": 3], "t::x": ["n": 1], "t::y": [:], "u::x": ["n": 2], "x": ["n": 4], "t::x::y": ["n": 5],
        ]
        let evaluator = evaluator(try step(alias, config: ["o": "${{ task?.outputs }}"]), state: state)
        #expect(try await evaluator.config() == ["o": expected])
    }

    @Test func `shows every step all outputs by their full alias`() async throws {
        let step = try step("a", config: ["o": "${{ outputs['t::x'].n + outputs.t.n }}"])
        #expect(try await evaluator(step, state: ["t": ["n": 1], "t::x": ["n": 2]]).config() == ["o": 3])
    }

    // MARK: Configuration

    @Test(arguments: [nil, .null, [:]] as [JSONValue?])
    func `takes no configuration for an empty one`(_ config: JSONValue?) async throws {
        #expect(try await evaluator(try step("a", config: config)).config() == [:])
    }

    @Test(arguments: ["text", 1, [["a": 1]], true] as [JSONValue])
    func `refuses a configuration that is no object`(_ config: JSONValue) async throws {
        let evaluator = evaluator(try step("a", config: config))
        await #expect(throws: ExpressionError.self) { try await evaluator.config() }
    }

    @Test func `evaluates strings at any depth and leaves the rest alone`() async throws {
        let config: JSONValue = [
            "list": ["${{ 1 + 1 }}", 2, ["deep": "${{ vars.v }}!"]], "${{ key }}": "1.10", "flag": false, "none": nil,
            "yaml": "${{ asYAML({'a': 1}) }}",
        ]
        let evaluator = evaluator(try step("a", config: config), vars: [variable("v", "x")])
        #expect(
            try await evaluator.config() == [
                "list": [2, 2, ["deep": "x!"]], "${{ key }}": "1.10", "flag": false, "none": nil, "yaml": "a: 1\n",
            ]
        )
    }

    @Test func `names the member that can't be evaluated`() async throws {
        let evaluator = evaluator(try step("a", config: ["list": ["ok", "${{ ctx.no.thing }}"]]))
        let error = await #expect(throws: ExpressionError.self) { try await evaluator.config() }
        #expect(error?.path.description == "list[1]")
    }
}
