/// The steps of a Promotion, ready to run.
public struct PromotionPlan: Sendable {
    /// The steps in order, each with an alias.
    public var steps: [PromotionStep]
    /// Variables of all steps.
    public var vars: [ExpressionVariable]
    /// The Promotion and what it is about.
    public var promotion: PromotionContext
    /// The directory that all steps share, as the place where they run sees it.
    public var workDir: String
    /// The step host's own directory, as the place where they run sees it.
    public var privateDir: String
    /// Where clones of git repositories are; nil for a place in ``privateDir``.
    public var gitDir: String?

    /// Makes a plan.
    ///
    /// - Parameters:
    ///   - spec: What the Promotion asks for. A step without an alias gets the one it would have got at creation.
    ///   - promotion: The Promotion and what it is about.
    ///   - workDir: The directory that all steps share.
    ///   - privateDir: The step host's own directory.
    ///   - gitDir: Where clones of git repositories are; nil for a place in `privateDir`.
    public init(
        _ spec: PromotionSpec,
        promotion: PromotionContext,
        workDir: String,
        privateDir: String,
        gitDir: String? = nil
    ) {
        steps = spec.steps.enumerated()
            .map { index, step in
                var step = step
                if step.as.isEmpty { step.as = "step-\(index + 1)" }
                return step
            }
        vars = spec.vars
        self.promotion = promotion
        self.workDir = workDir
        self.privateDir = privateDir
        self.gitDir = gitDir
    }

    /// What a step is told.
    func context(of step: PromotionStep, config: JSONValue, state: [String: JSONValue]) -> StepContext {
        StepContext(
            kind: step.uses,
            alias: step.as,
            config: config,
            workDir: workDir,
            privateDir: privateDir,
            gitDir: gitDir,
            sharedState: state,
            promotion: promotion
        )
    }
}
