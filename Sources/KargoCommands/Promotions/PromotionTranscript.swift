import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tells a Promotion as lines that stay: one when a step begins, one when it ends, and one at the end of all.
struct PromotionTranscript {
    private var begun: Set<Int> = []
    private var ended: Set<Int> = []
    private var isOver = false

    /// The lines about what is new in a state.
    mutating func lines(for promotion: Promotion, at now: Date) -> [String] {
        var lines: [String] = []
        for (index, step) in StepLine.all(of: promotion, at: now).enumerated() {
            guard let status = step.status, !ended.contains(index) else { continue }
            if status != .skipped, begun.insert(index).inserted { lines.append("\(step.title) started") }
            guard status != .running else { continue }
            ended.insert(index)
            var line = "\(step.title) \(status.rawValue)"
            if !step.duration.isEmpty { line += " (\(step.duration))" }
            if !step.message.isEmpty { line += ": \(step.message)" }
            lines.append(line)
        }
        if let phase = promotion.status.phase, phase.isTerminal, !isOver {
            isOver = true
            lines.append(promotion.ending)
        }
        return lines.map(\.printable)
    }
}

extension StepLine {
    fileprivate var title: String { "\(alias) (\(kind))" }
}

extension Promotion {
    /// The sentence at the end: `Promotion NAME Succeeded`.
    var ending: String {
        let line = "Promotion \(metadata.name) \(status.phase?.rawValue ?? "Pending")"
        return status.phase == .succeeded || status.message.isEmpty ? line : "\(line): \(status.message)"
    }
}
