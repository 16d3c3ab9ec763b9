import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Draws a Promotion on a terminal, each time in place of the time before.
struct PromotionScreen {
    private var drawnLines = 0

    /// What to write to the terminal so that it shows a state.
    ///
    /// - Parameters:
    ///   - promotion: The state.
    ///   - now: The time, up to which running steps are counted.
    ///   - size: The lines and columns of the terminal.
    /// - Returns: The text and the terminal's commands.
    mutating func drawing(of promotion: Promotion, at now: Date, size: (lines: Int, columns: Int)) -> String {
        let lines = Self.lines(of: promotion, at: now, count: max(2, size.lines - 1))
        // The cursor goes back to the first line; each line is written over and the rest of it cleared.
        var text = drawnLines > 0 ? "\u{1B}[\(drawnLines)A\r" : ""
        for line in lines { text += line.truncated(to: size.columns - 1) + "\u{1B}[K\n" }
        if lines.count < drawnLines { text += "\u{1B}[J" }
        drawnLines = lines.count
        return text
    }

    /// The lines: the steps, as many as fit around the one that is running, and how the Promotion stands.
    static func lines(of promotion: Promotion, at now: Date, count: Int) -> [String] {
        let steps = StepLine.all(of: promotion, at: now)
        var columns = TextColumns()
        let rows = steps.map { step in
            [step.symbol, step.alias, step.kind, step.status?.rawValue ?? "", step.duration, step.message]
        }
        let lines = columns.lines(rows)
        let room = max(1, count - 1)
        let current = steps.firstIndex { $0.status == nil || $0.isRunning } ?? steps.count
        let first = max(0, min(current - room / 2, lines.count - room))
        return lines[first..<min(lines.count, first + room)] + [promotion.standing.printable]
    }
}

extension StepLine {
    fileprivate var symbol: String {
        switch status {
        case nil: "·"
        case .running: "▸"
        case .succeeded: "✓"
        case .skipped: "-"
        case .aborted, .failed, .errored: "✗"
        }
    }
}

extension Promotion {
    /// How the Promotion stands, with the reason if one is known.
    fileprivate var standing: String {
        if let phase = status.phase, phase.isTerminal { return ending }
        let line = "Promotion \(metadata.name) \(status.phase?.rawValue ?? "Pending")"
        return status.message.isEmpty ? line : "\(line): \(status.message)"
    }
}
