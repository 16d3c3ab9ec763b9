import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// How one step of a Promotion stands.
struct StepLine: Hashable {
    var alias: String
    var kind: String
    /// How it stands; nil for a step that was not reached.
    var status: StepStatus?
    /// How long it has run, or ran.
    var seconds: Int64?
    var message: String

    /// The steps of a Promotion in order.
    static func all(of promotion: Promotion, at now: Date) -> [StepLine] {
        let recorded = promotion.status.stepExecutionMetadata
        return promotion.spec.steps.enumerated()
            .map { index, step in
                let record = recorded.indices.contains(index) ? recorded[index] : StepExecutionMetadata()
                let alias = [record.alias, step.as, "step-\(index + 1)"].first { !$0.isEmpty } ?? ""
                let end = record.finishedAt ?? promotion.status.finishedAt ?? KubernetesTime(now)
                return StepLine(
                    alias: alias,
                    kind: step.uses,
                    status: record.status,
                    seconds: record.startedAt.map { max(0, end.secondsSince1970 - $0.secondsSince1970) },
                    message: record.message
                )
            }
    }

    /// Whether the step has begun and not ended.
    var isRunning: Bool { status == .running }

    /// The time as people say it: `7s`, `3m5s`, `2h4m0s`.
    var duration: String {
        guard status != .skipped, let seconds else { return "" }
        return GoDuration(.seconds(seconds)).description
    }
}
