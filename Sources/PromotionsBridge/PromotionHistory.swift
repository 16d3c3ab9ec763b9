import KargoCore
import Synchronization

/// What the steps of a Promotion were told that have run.
final class PromotionHistory: Sendable {
    private let plan: PromotionPlan
    private let data: any ExpressionData
    private let redactor: SecretRedactor
    private let latest: Mutex<PromotionProgress>

    /// How far the steps are.
    var progress: PromotionProgress { latest.withLock { $0 } }

    init(_ plan: PromotionPlan, _ progress: PromotionProgress, data: any ExpressionData, redactor: SecretRedactor) {
        self.plan = plan
        latest = Mutex(progress)
        self.data = data
        self.redactor = redactor
    }

    /// Takes note of progress, which is recorded before each step starts.
    func note(_ progress: PromotionProgress) { latest.withLock { $0 = progress } }

    /// What steps of a kind were told that have succeeded before another one.
    func steps(ofKind kind: String, before index: Int) async throws -> [StepContext] {
        try await StepEvaluator.earlierSteps(
            ofKind: kind,
            before: index,
            of: plan,
            progress,
            data: data,
            redactor: redactor
        )
    }
}
