import Testing

@testable import KargoCore

@Suite("Preview of a Promotion")
struct PromotionPreviewTests {
    private func preview(
        _ steps: [PromotionStep],
        vars: [ExpressionVariable] = []
    ) async throws -> [PromotionPreview.Step] {
        let project = ExpressionProject()
        var spec = PromotionSpec()
        spec.vars = vars
        spec.steps = steps
        let plan = PromotionPlan(spec, promotion: project.promotion, workDir: "", privateDir: "")
        return try await PromotionPreview(of: plan, data: project.data).steps
    }

    private func variable(_ name: String, _ value: String) -> ExpressionVariable {
        ExpressionVariable(name: name, value: value)
    }

    @Test func `evaluates what is known`() async throws {
        let config: JSONValue = [
            "image": "${{ vars.repo }}:${{ imageFrom(vars.repo).Tag }}", "n": "${{ 1 + 1 }}", "keep": [1, nil, "42"],
            "list": ["${{ ctx.stage }}"], "big": 9_007_199_254_740_993,
        ]
        let steps = try await preview([try step("a", config: config)], vars: [variable("repo", "ghcr.io/a/b")])
        #expect(
            steps[0].config == [
                "image": "ghcr.io/a/b:1.2.3", "n": 2, "keep": [1, nil, "42"], "list": ["test"],
                "big": 9_007_199_254_740_993,
            ]
        )
        #expect(steps[0].decision == .runs)
        #expect(steps[0].unknowns.isEmpty && steps[0].problems.isEmpty)
    }

    // MARK: What is known later

    @Test(
        arguments: [
            ("outputs.a.tag", "known when step \"a\" has run"), ("outputs?.a?.tag", "known when step \"a\" has run"),
            ("outputs['a'].tag ?? ctx.stage", "known when step \"a\" has run"),
            ("outputs[ctx.stage]", "known when the steps before have run"),
            ("keys(outputs)", "known when the steps before have run"),
            ("let o = outputs; o.a", "known when the steps before have run"),
            ("$env.outputs.a", "known when the step runs"),
            ("stepMetas.a.Status", "known when the steps before have run"),
            ("outputs.b.tag", "no step before this one is called \"b\", so that it has no outputs"),
            ("outputs.none.tag", "no step before this one is called \"none\", so that it has no outputs"),
            ("outputs.t.total", "known when step \"t\" has run"),
            ("outputs['t::x'].n", "known when step \"t::x\" has run"),
            ("map([1], outputs.a.n + #)", "known when step \"a\" has run"),
        ]
    )
    func `leaves what depends on outputs as it is written`(_ expression: String, _ reason: String) async throws {
        let config: JSONValue = ["v": .string("${{ ctx.stage }}-${{ \(expression) }}")]
        let steps = try await preview([try step("a"), try step("t::x"), try step("b", config: config)])
        #expect(steps[2].config == ["v": .string("test-${{ \(expression) }}")])
        #expect(steps[2].unknowns.map(\.description) == ["config.v: \(reason)"])
        #expect(steps[2].problems.isEmpty)
    }

    @Test func `knows that a task's steps see each other by short names`() async throws {
        let config: JSONValue = ["v": "${{ task.outputs.x.n }}"]
        let steps = try await preview([
            try step("t::x"), try step("t::y", config: config), try step("z", config: config),
        ])
        #expect(steps[1].unknowns.map(\.description) == ["config.v: known when step \"t::x\" has run"])
        #expect(steps[2].problems.count == 1)
    }

    @Test func `follows what is not known through variables`() async throws {
        let vars = [variable("a", "${{ outputs.first.x }}"), variable("b", "${{ vars.a }}"), variable("c", "c")]
        let config: JSONValue = ["b": "${{ vars.b }}!", "c": "${{ vars.c }}!", "all": "${{ keys(vars) }}"]
        let steps = try await preview([try step("first"), try step("second", vars: vars, config: config)])
        #expect(steps[1].config == ["b": "${{ vars.b }}!", "c": "c!", "all": "${{ keys(vars) }}"])
        #expect(
            steps[1].unknowns.map(\.description) == [
                "vars.a: known when step \"first\" has run", "vars.b: known when vars.a is",
                "config.all: known when vars.a is", "config.all: known when vars.b is",
                "config.b: known when vars.b is",
            ]
        )
    }

    @Test func `lets a later variable of the same name replace an unknown one`() async throws {
        let vars = [variable("a", "${{ outputs.first.x }}"), variable("a", "known")]
        let steps = try await preview([
            try step("first"), try step("second", vars: vars, config: ["a": "${{ vars.a }}"]),
        ])
        #expect(steps[1].config == ["a": "known"])
    }

    // MARK: Conditions

    @Test(
        arguments: [
            ("", .runs), ("${{ always() }}", .runs), ("${{ failure() }}", .skipped), ("${{ success() }}", .runs),
            ("${{ status('a') == 'Succeeded' }}", .runs), ("${{ status('s') == 'Skipped' }}", .runs),
            ("${{ outputs.a.changed }}", .unknown), ("${{ vars.no }}", .errored), ("always()", .errored),
            ("${{ secret('token').user == 'me' }}", .runs), ("${{ secret('token').user == 'you' }}", .skipped),
            ("${{ 1 + }}", .errored), ("${{ ctx.no.thing }}", .errored),
        ] as [(String, PromotionPreview.Decision)]
    )
    func `decides whether the step runs`(_ condition: String, _ expected: PromotionPreview.Decision) async throws {
        let steps = try await preview([
            try step("a"), try step("s", if: "${{ false }}"), try step("b", if: condition),
        ])
        #expect(steps[2].decision == expected)
        #expect(steps[2].problems.map(\.path.description) == (expected == .errored ? ["if"] : []))
    }

    @Test func `does not evaluate the configuration of a step that is skipped`() async throws {
        let steps = try await preview([try step("a", if: "${{ false }}", config: ["v": "${{ ctx.no.thing }}"])])
        #expect(steps[0].decision == .skipped)
        #expect(steps[0].problems.isEmpty)
        #expect(steps[0].config == ["v": "${{ ctx.no.thing }}"])
    }

    // MARK: Problems

    @Test func `tells every field that can't be evaluated`() async throws {
        let config: JSONValue = ["a": ["${{ nowhere() }}", "ok"], "b": "${{ 1 / }}", "c": "${{ vars.bad }}"]
        let steps = try await preview([try step("a", vars: [variable("bad", "${{ [1][5] }}")], config: config)])
        #expect(steps[0].problems.map(\.path.description) == ["vars.bad", "config.a[0]", "config.b"])
        #expect(steps[0].unknowns.map(\.description) == ["config.c: known when vars.bad is"])
        #expect(steps[0].config == config)
    }

    @Test func `refuses a configuration that is no object`() async throws {
        #expect(try await preview([try step("a", config: "text")])[0].problems.map(\.path.description) == ["config"])
        #expect(try await preview([try step("a", config: .null)])[0].config == [:])
    }

    // MARK: Secrets

    @Test(
        arguments: [
            ("${{ secret('token').value }}", "***"), ("Bearer ${{ secret('token').value }}!", "Bearer ***!"),
            ("${{ upper(secret('token').value) }}", "***"), ("${{ sharedSecret('ok').value }}", "***"),
            ("${{ vars.token }}", "***"), ("${{ toBase64(vars.derived) }}", "***"), ("${{ vars.plain }}", "plain"),
            ("${{ secret('token').value == 'x' }}", "***"), ("${{ vars | keys() | len() }}", "***"),
            ("${{ ctx.stage }} ${{ secret('none').value }}", "test ***"), ("${{ len($env) }}", "***"),
        ]
    )
    func `shows no secret, whatever becomes of it`(_ source: String, _ expected: String) async throws {
        let vars = [
            variable("token", "${{ secret('token').value }}"), variable("derived", "x${{ vars.token }}"),
            variable("plain", "plain"),
        ]
        let steps = try await preview([try step("a", config: ["v": .string(source)])], vars: vars)
        #expect(steps[0].config["v"] == .string(expected) || source.contains("$env"))
        #expect(!"\(steps)".contains("hunter22") && !"\(steps)".contains("HUNTER22"))
    }

    @Test func `shows no secret in a problem`() async throws {
        let steps = try await preview([
            try step(
                "a",
                vars: [variable("t", "${{ secret('token').value }}")],
                config: ["v": "${{ fromJSON(secret('token').value) }}", "w": "${{ int(vars.t) }}"]
            )
        ])
        #expect(steps[0].problems.count == 2)
        #expect(!"\(steps)".contains("hunter22"))
    }
}
