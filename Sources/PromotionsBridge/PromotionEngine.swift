public import KargoCore

/// Runs the steps of Promotions.
public protocol PromotionEngine: Sendable {
    /// Runs the steps of a Promotion until one is not done or all are visited.
    ///
    /// What was recorded before is gone on from, also by another process.
    ///
    /// - Parameter run: The Promotion.
    /// - Returns: How it went.
    /// - Throws: `CancellationError` when the task was cancelled, which leaves what goes on elsewhere going on; and
    ///   what the hooks throw.
    func run(_ run: PromotionRun) async throws -> PromotionRunResult

    /// Takes away whatever a Promotion needed to run.
    ///
    /// - Parameters:
    ///   - promotion: The Promotion.
    ///   - ending: Whether a step may still be going on.
    /// - Throws: What keeps it from being taken away; the caller may try again.
    func end(_ promotion: Promotion, _ ending: PromotionEnding) async throws

    /// Takes away what Promotions left behind whose end nobody saw.
    ///
    /// - Parameters:
    ///   - uids: The UIDs of the Promotions that are not over.
    ///   - isAtWork: Whether Promotions run meanwhile, which the UIDs may not know yet.
    /// - Throws: What keeps it from being taken away.
    func removeLeftovers(keeping uids: Set<String>, isAtWork: Bool) async throws
}

/// Whether a step of a Promotion may still be going on.
public enum PromotionEnding: Sendable, Hashable {
    /// All steps are over.
    case finished
    /// The Promotion was aborted or deleted.
    case interrupted
}

/// A Promotion that is to be run.
public struct PromotionRun: Sendable {
    /// The Promotion as it is stored.
    public var promotion: Promotion
    /// What it is about.
    public var context: PromotionContext
    /// How progress is recorded.
    public var hooks: PromotionRunHooks

    /// Makes a run.
    public init(promotion: Promotion, context: PromotionContext, hooks: PromotionRunHooks) {
        self.promotion = promotion
        self.context = context
        self.hooks = hooks
    }
}

/// How an engine makes progress last.
public struct PromotionRunHooks: Sendable {
    /// Records progress; the next step starts only when it has returned.
    public var record: @Sendable (PromotionProgress) async throws -> Void
    /// Tells what the Promotion waits for.
    public var note: @Sendable (String) async -> Void
    /// Writes annotations on the Promotion.
    public var annotate: @Sendable ([String: String]) async throws -> Void

    /// Makes hooks.
    public init(
        record: @escaping @Sendable (PromotionProgress) async throws -> Void,
        note: @escaping @Sendable (String) async -> Void,
        annotate: @escaping @Sendable ([String: String]) async throws -> Void
    ) {
        self.record = record
        self.note = note
        self.annotate = annotate
    }
}

/// How far a run came.
public struct PromotionRunResult: Sendable {
    /// How it ended.
    public var outcome: Orchestrator.Outcome
    /// The progress, which the caller records together with the outcome.
    public var progress: PromotionProgress

    /// Makes a result.
    public init(outcome: Orchestrator.Outcome, progress: PromotionProgress) {
        self.outcome = outcome
        self.progress = progress
    }
}
