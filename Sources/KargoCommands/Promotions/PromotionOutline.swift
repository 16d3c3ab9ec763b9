import KargoCore

/// What a Promotion would do, for people and for programs.
struct PromotionOutline {
    /// How it is printed.
    enum Format: String, CaseIterable {
        case text
        case yaml
        case json
    }

    let plan: PromotionPlan
    let preview: PromotionPreview

    /// Whether something can't be evaluated.
    var hasProblems: Bool { preview.steps.contains { !$0.problems.isEmpty } }

    func text(_ format: Format) -> String {
        switch format {
        case .text: text
        case .yaml: json.yaml()
        case .json: json.text([.sortedKeys, .indented]) + "\n"
        }
    }

    // MARK: For people

    private var text: String {
        let promotion = plan.promotion
        let alias = promotion.targetFreightAlias.isEmpty ? "" : " (\(promotion.targetFreightAlias))"
        var lines = [
            "Freight \(promotion.targetFreight.name)\(alias) to Stage \(promotion.stage): what would run. Nothing is run.",
            "Each step is taken to succeed; \(SecretRedactor.mask) stands for what Secrets give.",
        ]
        for (index, step) in preview.steps.enumerated() { lines += self.lines(step, plan.steps[index], index) }
        return lines.joined(separator: "\n") + "\n"
    }

    private func lines(_ step: PromotionPreview.Step, _ source: PromotionStep, _ index: Int) -> [String] {
        var lines = ["", "\(index + 1). \(step.alias): \(step.kind) \(step.decision.words)"]
        if !source.if.isEmpty { lines.append("   if: \(source.if)") }
        if source.continueOnError == true { lines.append("   continueOnError: true") }
        if step.config != [:] {
            lines.append("   config:")
            lines += step.config.yaml().split(separator: "\n", omittingEmptySubsequences: false)
                .dropLast().map { $0.isEmpty ? "" : "     \($0)" }
        }
        lines += step.unknowns.map { "   ? \($0)" }
        for problem in step.problems {
            let parts = "\(problem)".split(separator: "\n", omittingEmptySubsequences: false)
            lines.append("   ! \(parts[0])")
            lines += parts.dropFirst().map { "     \($0)" }
        }
        return lines
    }

    // MARK: For programs

    private var json: JSONValue {
        [
            "stage": .string(plan.promotion.stage),
            "freight": .string(plan.promotion.targetFreight.name),
            "steps": .array(
                zip(plan.steps, preview.steps)
                    .map { source, step in
                        var object: [String: JSONValue] = [
                            "as": .string(step.alias), "uses": .string(step.kind), "config": step.config,
                            "decision": .string(step.decision.rawValue), "unknowns": Self.json(step.unknowns),
                            "problems": Self.json(step.problems),
                        ]
                        if !source.if.isEmpty { object["if"] = .string(source.if) }
                        if source.continueOnError == true { object["continueOnError"] = true }
                        return .object(object)
                    }
            ),
        ]
    }

    private static func json(_ notes: [PromotionPreview.Note]) -> JSONValue {
        .array(notes.map { ["path": .string($0.path.description), "message": .string($0.message)] })
    }
}

extension PromotionPreview.Decision {
    fileprivate var words: String {
        switch self {
        case .runs: "runs"
        case .skipped: "is skipped"
        case .unknown: "runs, or is skipped: that is known later"
        case .errored: "ends as Errored: its condition can't be evaluated"
        }
    }
}
