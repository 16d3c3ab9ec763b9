import Testing

@testable import KargoCore

@Suite("Plan of a Promotion")
struct PromotionPlanTests {
    @Test func `names the steps that have no alias by their place`() throws {
        var spec = PromotionSpec()
        spec.steps = [PromotionStep(uses: "git-clone"), try step("build"), PromotionStep(uses: "git-push")]
        spec.vars = [ExpressionVariable(name: "v", value: "1")]
        let plan = PromotionPlan(spec, promotion: PromotionContext(), workDir: "/w", privateDir: "/p")
        #expect(plan.steps.map(\.as) == ["step-1", "build", "step-3"])
        #expect(plan.steps.map(\.uses) == ["git-clone", "build", "git-push"])
        #expect(plan.vars == spec.vars)
    }

    @Test func `tells a step all about itself and the Promotion`() throws {
        var promotion = PromotionContext()
        promotion.project = "p"
        promotion.promotionUID = "u"
        let plan = PromotionPlan(PromotionSpec(), promotion: promotion, workDir: "/w", privateDir: "/p", gitDir: "/g")
        let context = plan.context(of: try step("a"), config: ["k": 1], state: ["s": ["x": 2]])
        #expect(
            context
                == StepContext(
                    kind: "a",
                    alias: "a",
                    config: ["k": 1],
                    workDir: "/w",
                    privateDir: "/p",
                    gitDir: "/g",
                    sharedState: ["s": ["x": 2]],
                    promotion: promotion
                )
        )
    }
}
