import ControlPlane
import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A Promotion as it would be made, for looking at what its expressions give.
struct PlannedPromotion: Sendable {
    /// The steps, with those of tasks, and what they are about.
    let plan: PromotionPlan
    /// What functions of expressions read.
    let data: any ExpressionData
    /// Knows the values of Secrets that were read.
    let redactor = SecretRedactor()

    /// Makes what would be a Promotion of Freight to a Stage; whether the Stage may have it plays no part.
    ///
    /// - Parameters:
    ///   - freight: The Freight.
    ///   - stage: The Stage; one without steps has its own variables still.
    ///   - api: Where tasks, Secrets and all that expressions read are.
    ///   - sharedNamespace: Where those for all Projects are.
    /// - Throws: `KubernetesError` for a task that does not exist or can't be expanded.
    init(
        of freight: Freight,
        to stage: Stage,
        api: any KubernetesAPI,
        sharedNamespace: String = Self.sharedNamespace
    ) async throws {
        var promotion = Promotion()
        if stage.isControlFlow {
            promotion.metadata.namespace = stage.metadata.namespace
            promotion.spec.vars = stage.spec.vars
        } else {
            promotion = try await PromotionBuilder(objects: KargoObjects(api: api))
                .promotion(of: stage, freight: freight.metadata.name)
        }
        let context = PromotionContext(
            promotion,
            stage: stage,
            freight: freight,
            collection: stage.collection(after: freight),
            uiBaseURL: ""
        )
        plan = PromotionPlan(promotion.spec, promotion: context, workDir: "", privateDir: "")
        data = ClusterExpressionData(api: api, sharedNamespace: sharedNamespace)
    }

    /// Where Kargo looks for what all Projects share.
    static var sharedNamespace: String {
        let name = ProcessInfo.processInfo.environment["SHARED_RESOURCES_NAMESPACE"] ?? ""
        return name.isEmpty ? "kargo-shared-resources" : name
    }

    /// What evaluates the expressions of a step.
    ///
    /// - Parameters:
    ///   - alias: The step; nil for none, which has the variables of all.
    ///   - outputs: What the steps before it gave.
    /// - Returns: The evaluator.
    /// - Throws: ``CommandError`` for a step that there is not.
    func evaluator(ofStep alias: String?, outputs: [String: JSONValue] = [:]) throws(CommandError) -> StepEvaluator {
        var step = PromotionStep(uses: "")
        if let alias {
            guard let found = plan.steps.first(where: { $0.as == alias }) else {
                let stage = plan.promotion.stage
                let known = plan.steps.map(\.as).joined(separator: ", ")
                throw CommandError(
                    "Stage \"\(stage)\" has no step \"\(alias)\"; it has \(known.isEmpty ? "none" : known)"
                )
            }
            step = found
        }
        return StepEvaluator(
            plan: plan,
            step: step,
            progress: PromotionProgress(state: outputs),
            data: data,
            redactor: redactor
        )
    }
}
