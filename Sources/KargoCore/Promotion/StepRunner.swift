/// A kind of step that runs in this process.
///
/// One value runs every step of its kind, so it holds no state of a step.
public protocol StepRunner: Sendable {
    /// What a step names in `uses`.
    static var kind: String { get }

    /// Runs one attempt of a step.
    ///
    /// A step that did not reach what it should *returns* a result that says so; what is thrown counts as an attempt
    /// that broke and may be repeated. When the task is cancelled (the Promotion was aborted, the step's time is up,
    /// the process ends) it stops within a second, leaves no half-written file behind and throws `CancellationError`.
    ///
    /// - Parameter step: Everything about the step.
    /// - Returns: How the attempt went.
    /// - Throws: `CancellationError` when the task was cancelled; anything else for an attempt that broke.
    func run(_ step: StepContext) async throws -> StepResult
}

/// Everything that a step is told.
public struct StepContext: Sendable, Hashable, Codable {
    /// The kind of step.
    public var kind: String
    /// The name under which its outputs are found, such as `build` or `task::build`.
    public var alias: String
    /// The configuration, its expressions evaluated.
    public var config: JSONValue
    /// The directory that all steps of the Promotion share; not to be trusted where plugins run.
    public var workDir: String
    /// A directory that no plugin sees, for what the step host itself keeps between steps.
    public var privateDir: String
    /// Where clones of git repositories are, which plugins may read but not change, as work trees lead there; nil for a
    /// place in ``privateDir``.
    public var gitDir: String?
    /// Outputs of earlier steps by alias.
    public var sharedState: [String: JSONValue]
    /// The Promotion and what it is about.
    public var promotion: PromotionContext

    /// Makes a context.
    public init(
        kind: String,
        alias: String,
        config: JSONValue,
        workDir: String,
        privateDir: String,
        gitDir: String? = nil,
        sharedState: [String: JSONValue],
        promotion: PromotionContext
    ) {
        self.kind = kind
        self.alias = alias
        self.config = config
        self.workDir = workDir
        self.privateDir = privateDir
        self.gitDir = gitDir
        self.sharedState = sharedState
        self.promotion = promotion
    }
}
