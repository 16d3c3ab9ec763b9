import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A column of the table that `kubectl get` prints.
struct TableColumn: Sendable {
    var name: String
    var type: String
    var format = ""
    var description = ""
    /// Columns above 0 are shown by `-o wide` only.
    var priority: Int64 = 0
    /// The names of the members that lead to what the column shows; nil where it looks at the whole object.
    var path: [String]?
    /// What stands in the column.
    var cell: @Sendable (_ object: JSONValue, _ now: Date) -> JSONValue

    var definition: JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .int(priority),
        ]
    }

    /// What of an object has to be read to fill in columns.
    static func outline(of columns: [TableColumn]) -> FieldOutline {
        let paths = columns.compactMap(\.path)
        return paths.count == columns.count ? FieldOutline(paths) : .withoutManagers
    }

    static let name = TableColumn(name: "Name", type: "string", format: "name", path: ["metadata", "name"]) {
        object,
        _ in
        object[path: "metadata", "name"] ?? .null
    }

    static let age = TableColumn(name: "Age", type: "string", path: ["metadata", "creationTimestamp"]) { object, now in
        .string(age(since: object[path: "metadata", "creationTimestamp"], at: now))
    }

    /// The time since a moment as kubectl writes it: `17s`, `4m12s`, `3h`, `2d5h`, `400d`.
    static func age(since timestamp: JSONValue?, at now: Date) -> String {
        guard let text = timestamp?.stringValue, let moment = try? KubernetesMicroTime(text) else { return "<unknown>" }
        let seconds = max(0, Int(now.timeIntervalSince(moment.date)))
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400)
        func pair(_ first: Int, _ unit: String, _ second: Int, _ smaller: String) -> String {
            second == 0 ? "\(first)\(unit)" : "\(first)\(unit)\(second)\(smaller)"
        }
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<600: return pair(minutes, "m", seconds % 60, "s")
        case ..<10_800: return "\(minutes)m"
        case ..<28_800: return pair(hours, "h", minutes % 60, "m")
        case ..<172_800: return "\(hours)h"
        case ..<691_200: return pair(days, "d", hours % 24, "h")
        case ..<63_072_000: return "\(days)d"
        case ..<252_288_000: return pair(days / 365, "y", days % 365, "d")
        default: return "\(days / 365)y"
        }
    }
}
