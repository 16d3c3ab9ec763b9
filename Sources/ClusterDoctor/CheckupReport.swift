import KargoCommands
import KargoCore

/// What `kargo doctor` has found out, for people and for programs.
struct CheckupReport: Sendable, Hashable {
    /// How it is printed.
    enum Format: String, CaseIterable {
        case text
        case yaml
        case json
    }

    var findings: [Finding] = []
    /// Whether the server answered to the end.
    var isReachable = true

    func count(_ state: Finding.State) -> Int { findings.count { $0.state == state } }

    func text(_ format: Format) -> String {
        switch format {
        case .text: text
        case .yaml: json.yaml()
        case .json: json.text([.sortedKeys, .indented]) + "\n"
        }
    }

    private var text: String {
        var columns = TextColumns()
        let rows = findings.map { finding in
            let field = finding.field.isEmpty ? "" : "\(finding.field): "
            return [finding.state.rawValue, finding.check.rawValue, finding.object, field + finding.message]
        }
        let counts = [(count(.error), "error"), (count(.warning), "warning")]
            .map { count, word in count == 1 ? "1 \(word)" : "\(count) \(word)s" }
        return (columns.lines(rows) + ["", counts.joined(separator: ", ")]).joined(separator: "\n") + "\n"
    }

    private var json: JSONValue {
        [
            "reachable": .bool(isReachable),
            "errors": .int(Int64(count(.error))),
            "warnings": .int(Int64(count(.warning))),
            "findings": .array(
                findings.map { finding in
                    var value: JSONValue = [
                        "state": .string(finding.state.rawValue), "check": .string(finding.check.rawValue),
                        "object": .string(finding.object), "message": .string(finding.message),
                    ]
                    if !finding.field.isEmpty { value["field"] = .string(finding.field) }
                    return value
                }
            ),
        ]
    }
}
