import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Chooses the lines that were asked for, and makes the text of them that the API answers with.
struct LogSelection {
    private let since: String?
    private let showsTimes: Bool
    private var skipped = 0
    private var rest: Int?
    private var isInsideLine = false
    private var takesLine = false

    /// Makes a selection.
    ///
    /// - Parameters:
    ///   - options: What is asked for.
    ///   - now: The time of day.
    init(_ options: LogOptions, now: Date) {
        var time = options.sinceTime
        if let seconds = options.sinceSeconds { time = KubernetesTime(now.addingTimeInterval(-Double(seconds))) }
        since = time?.description
        showsTimes = options.timestamps
        rest = options.limitBytes
    }

    /// Passes over so many lines from here.
    mutating func skip(_ lines: Int) { skipped = max(0, lines) }

    /// Whether as much was taken as was asked for.
    var isFull: Bool { rest == 0 }

    /// The text of a line, or of a piece of one; empty where it was not asked for.
    mutating func take(_ line: LogLine) -> [UInt8] {
        let isBeginning = !isInsideLine
        isInsideLine = !line.isWhole
        if isBeginning { takesLine = skipped == 0 && isLateEnough(line) }
        if line.isWhole, skipped > 0 { skipped -= 1 }
        guard takesLine else { return [] }
        var text: [UInt8] = []
        if showsTimes, isBeginning { text = Array("\(line.time) ".utf8) }
        text += line.text
        if line.isWhole { text.append(UInt8(ascii: "\n")) }
        if let rest {
            text = Array(text.prefix(rest))
            self.rest = rest - text.count
        }
        return text
    }

    /// Both times are in UTC and of one width as far as the second.
    private func isLateEnough(_ line: LogLine) -> Bool {
        guard let since else { return true }
        let width = since.utf8.count - 1
        return Array(line.time.utf8.prefix(width)).lexicographicallyPrecedes(Array(since.utf8.prefix(width))) == false
    }
}
