import KargoCore
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A Promotion whose steps are answered by a script, at a time that the test sets.
final class PromotionScenario: Sendable {
    /// When every scenario begins.
    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    let plan: PromotionPlan
    let executor: ScriptedExecutor
    private let kinds: [String: StepKind]
    private let data: InMemoryExpressionData
    private let redactor = SecretRedactor()
    private let elapsed = Mutex<Double>(0)
    private let recorded = Mutex<[PromotionProgress]>([])

    /// Makes a scenario.
    ///
    /// - Parameters:
    ///   - steps: The steps; each is of a kind that exists, unless it is called `unknown`.
    ///   - vars: The Promotion's variables.
    ///   - kinds: Kinds that are not the usual.
    ///   - data: What functions of expressions read.
    ///   - answer: The result of an attempt.
    init(
        _ steps: [PromotionStep],
        vars: [ExpressionVariable] = [],
        kinds: [StepKind] = [],
        data: InMemoryExpressionData = InMemoryExpressionData(),
        answer: @escaping @Sendable (ScriptedExecutor.Call) throws -> StepResult = { _ in .succeeded() }
    ) {
        var spec = PromotionSpec()
        spec.steps = steps
        spec.vars = vars
        var promotion = PromotionContext()
        promotion.project = "project"
        plan = PromotionPlan(spec, promotion: promotion, workDir: "/workspace", privateDir: "/private")
        executor = ScriptedExecutor(answer)
        self.data = data
        self.kinds = Dictionary(kinds.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// The progress at each time it was recorded.
    var records: [PromotionProgress] { recorded.withLock { $0 } }

    func wait(seconds: Double) { elapsed.withLock { $0 += seconds } }

    func run(_ progress: inout PromotionProgress) async throws -> Orchestrator.Outcome {
        let orchestrator = Orchestrator(
            executor: executor,
            kinds: kind,
            data: data,
            redactor: redactor,
            now: now
        )
        return try await orchestrator.run(plan, progress: &progress) { progress in
            recorded.withLock { $0.append(progress) }
        }
    }

    /// Runs from the beginning.
    func run() async throws -> (outcome: Orchestrator.Outcome, progress: PromotionProgress) {
        var progress = PromotionProgress()
        let outcome = try await run(&progress)
        return (outcome, progress)
    }

    @Sendable private func now() -> Date { Self.start.addingTimeInterval(elapsed.withLock { $0 }) }

    @Sendable private func kind(_ name: String) -> StepKindLookup {
        name == "unknown" ? .unknown(name) : .found(kinds[name] ?? StepKind(name: name))
    }
}

/// A step of a kind that has its alias for a name.
func step(
    _ alias: String,
    if condition: String = "",
    continueOnError: Bool? = nil,
    timeout: String? = nil,
    errorThreshold: Int64 = 0,
    vars: [ExpressionVariable] = [],
    config: JSONValue? = nil
) throws -> PromotionStep {
    var step = PromotionStep(uses: alias)
    step.as = alias
    step.if = condition
    step.continueOnError = continueOnError
    if timeout != nil || errorThreshold != 0 {
        var retry = PromotionStepRetry()
        retry.timeout = try timeout.map { try GoDuration($0) }
        retry.errorThreshold = errorThreshold
        step.retry = retry
    }
    step.vars = vars
    step.config = config
    return step
}

/// How a step went.
func metadata(
    _ alias: String,
    _ status: StepStatus?,
    _ message: String = "",
    continueOnError: Bool? = nil
) -> StepExecutionMetadata {
    var metadata = StepExecutionMetadata(alias: alias)
    metadata.status = status
    metadata.message = message
    metadata.continueOnError = continueOnError
    return metadata
}

extension PromotionProgress {
    /// How each step stands.
    var statuses: [StepStatus?] { stepExecutionMetadata.map(\.status) }
}
