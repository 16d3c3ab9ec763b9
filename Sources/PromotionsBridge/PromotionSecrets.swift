import KargoCore
import Synchronization

/// The redactors of the Promotions that are at work.
final class PromotionSecrets: Sendable {
    private let data: any ExpressionData
    private let redactors = Mutex<[String: SecretRedactor]>([:])

    init(data: any ExpressionData) { self.data = data }

    /// The redactor of a Promotion; a new one first learns what the Promotion read under another controller.
    func redactor(for run: PromotionRun) async throws -> SecretRedactor {
        let uid = run.promotion.metadata.uid
        if let known = redactors.withLock({ $0[uid] }) { return known }
        let redactor = SecretRedactor()
        try await StepEvaluator.recallSecrets(
            of: PromotionPlan(run.promotion.spec, promotion: run.context, workDir: "", privateDir: ""),
            PromotionProgress(run.promotion.status),
            data: data,
            redactor: redactor
        )
        redactors.withLock { $0[uid] = redactor }
        return redactor
    }

    func forget(_ promotion: Promotion) {
        _ = redactors.withLock { $0.removeValue(forKey: promotion.metadata.uid) }
    }
}
