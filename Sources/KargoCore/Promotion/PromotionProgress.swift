#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How far the steps of a Promotion are.
public struct PromotionProgress: Sendable, Hashable {
    /// The step at which it is, counted from 0.
    public var currentStep: Int
    /// How each step that was reached went.
    public var stepExecutionMetadata: [StepExecutionMetadata]
    /// Outputs of the steps by alias.
    public var state: [String: JSONValue]
    /// Checks of the Stage's health that steps asked for.
    public var healthChecks: [HealthCheckStep]

    /// Makes the progress of a Promotion that has not begun.
    ///
    /// - Parameter state: Outputs of an earlier run whose work directory is lost; steps recognise by them what they
    ///   have done already.
    public init(state: [String: JSONValue] = [:]) {
        currentStep = 0
        stepExecutionMetadata = []
        self.state = state
        healthChecks = []
    }

    /// Makes the progress that a status records.
    public init(_ status: PromotionStatus) {
        currentStep = max(0, Int(status.currentStep))
        stepExecutionMetadata = status.stepExecutionMetadata
        state = status.state?.objectValue ?? [:]
        healthChecks = status.healthChecks
    }

    /// The progress of the Promotion when it begins with the first step again, because the work directory is lost.
    ///
    /// Outputs stay, and so do the failed attempts of each step and the clock of the one that was at work: a step that
    /// loses its place again and again meets its limits in the end.
    public var begunAnew: PromotionProgress {
        var progress = PromotionProgress(state: state)
        progress.stepExecutionMetadata = stepExecutionMetadata.map { old in
            var metadata = StepExecutionMetadata(alias: old.alias)
            metadata.continueOnError = old.continueOnError
            metadata.errorCount = old.errorCount
            if old.finishedAt == nil, old.startedAt != nil {
                metadata.startedAt = old.startedAt
                metadata.status = .running
            }
            return metadata
        }
        return progress
    }

    /// Records of the step that is at work that there is nowhere to run it.
    public mutating func abandonStep(_ message: String, at time: Date) {
        guard let index = stepAtWork else { return }
        stepExecutionMetadata[index].status = .errored
        stepExecutionMetadata[index].message = message
        stepExecutionMetadata[index].finishedAt = KubernetesTime(time)
    }

    /// Lets the clock of the step that is at work begin later.
    public mutating func excuseStep(_ time: Duration) {
        guard let index = stepAtWork, let start = stepExecutionMetadata[index].startedAt else { return }
        stepExecutionMetadata[index].startedAt = KubernetesTime(
            start.date.addingTimeInterval(Double(time.components.seconds))
        )
    }

    private var stepAtWork: Int? {
        stepExecutionMetadata.lastIndex { $0.startedAt != nil && $0.finishedAt == nil }
    }

    /// Whether a step that may not fail has failed; then the steps after it are skipped unless they say otherwise.
    var hasFailures: Bool {
        stepExecutionMetadata.contains { metadata in
            metadata.continueOnError != true && (metadata.status == .errored || metadata.status == .failed)
        }
    }

    /// The phase of a Promotion whose steps have all been visited, and the message of the step that decided it: the
    /// first of those that went worst, not counting those that may fail.
    var finalPhase: (phase: PromotionPhase, message: String) {
        var worst = StepStatus.succeeded
        var message = ""
        for metadata in stepExecutionMetadata where metadata.continueOnError != true {
            let status = metadata.status ?? .errored
            guard status.severity > worst.severity else { continue }
            worst = status
            message = metadata.message
        }
        switch worst {
        case .succeeded, .skipped: return (.succeeded, message)
        case .aborted: return (.aborted, message)
        case .failed: return (.failed, message)
        case .running, .errored: return (.errored, message)
        }
    }

    /// The place of a step's record; nil if the step was not reached.
    ///
    /// Of two steps with one alias, as tasks may bring about, each has its own record.
    func record(ofStep index: Int, of plan: PromotionPlan) -> Int? {
        let alias = plan.steps[index].as
        let namesakes = plan.steps[..<index].count { $0.as == alias }
        let records = stepExecutionMetadata.indices.filter { stepExecutionMetadata[$0].alias == alias }
        return namesakes < records.count ? records[namesakes] : nil
    }

    /// The progress as it was when a step was reached, as far as that can still be told.
    func before(step index: Int, of plan: PromotionPlan) -> PromotionProgress {
        let earlier = plan.steps[..<index].map(\.as)
        let names = Set(earlier + earlier.compactMap(\.taskNamespace))
        var progress = self
        progress.currentStep = index
        progress.stepExecutionMetadata = Array(
            stepExecutionMetadata[..<(record(ofStep: index, of: plan) ?? stepExecutionMetadata.count)]
        )
        progress.state = state.filter { names.contains($0.key) }
        return progress
    }

    /// Records what a step put out.
    mutating func recordOutput(_ output: [String: JSONValue]?, of alias: String, kind: StepKind) {
        state[alias] = .object(output ?? [:])
        guard kind.propagatesOutputToTask, let task = alias.taskNamespace, let output else { return }
        state[task] = .object((state[task]?.objectValue ?? [:]).merging(output) { $1 })
    }
}

extension StepStatus {
    /// How bad it is that a step stands so.
    fileprivate var severity: Int {
        switch self {
        case .succeeded: 0
        case .skipped: 1
        case .running: 2
        case .aborted: 3
        case .failed: 4
        case .errored: 5
        }
    }
}
