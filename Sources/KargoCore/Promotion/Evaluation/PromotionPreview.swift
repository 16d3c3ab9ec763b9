/// What a Promotion would do, as far as that can be known before it runs.
///
/// Every step is taken to succeed. What Secrets give is replaced by ``SecretRedactor/mask``; an expression that depends
/// on what earlier steps put out stays as it is written.
public struct PromotionPreview: Sendable, Hashable {
    /// A step as it would run.
    public struct Step: Sendable, Hashable {
        /// The name under which its outputs are found.
        public var alias: String
        /// The kind of step.
        public var kind: String
        /// Whether the step would run.
        public var decision: Decision
        /// The configuration.
        public var config: JSONValue
        /// What is known only when the Promotion runs.
        public var unknowns: [Note]
        /// What can't be evaluated, so that the step would end as `Errored`.
        public var problems: [Note]
    }

    /// Whether a step would run.
    public enum Decision: String, Sendable, Hashable {
        /// It would.
        case runs
        /// Its condition is false.
        case skipped
        /// Its condition depends on what earlier steps put out.
        case unknown
        /// Its condition can't be evaluated.
        case errored
    }

    /// A remark about a field of a step.
    public struct Note: Sendable, Hashable, CustomStringConvertible {
        /// The field, such as `config.images[0].tag`.
        public var path: FieldPath
        /// The remark.
        public var message: String

        /// The field and the remark.
        public var description: String { "\(path): \(message)" }
    }

    /// The steps in order.
    public var steps: [Step]

    /// Evaluates what can be evaluated of a Promotion.
    ///
    /// - Parameters:
    ///   - plan: The Promotion.
    ///   - data: What functions read.
    /// - Throws: `CancellationError` when the task was cancelled.
    public init(of plan: PromotionPlan, data: any ExpressionData) async throws {
        steps = []
        let redactor = SecretRedactor()
        var progress = PromotionProgress()
        for (index, step) in plan.steps.enumerated() {
            var previewer = StepPreviewer(
                evaluator: StepEvaluator(plan: plan, step: step, progress: progress, data: data, redactor: redactor),
                earlier: Set(plan.steps.prefix(index).map(\.as))
            )
            var preview = try await previewer.preview()
            for index in preview.problems.indices {
                preview.problems[index].message = redactor.redact(preview.problems[index].message)
            }
            steps.append(preview)
            var metadata = StepExecutionMetadata(alias: step.as)
            metadata.status = preview.decision == .skipped ? .skipped : .succeeded
            metadata.continueOnError = step.continueOnError
            progress.stepExecutionMetadata.append(metadata)
        }
    }
}
