import KargoCore

/// Changes an issue at GitHub.
struct GHUpdateIssueStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var issueNumber: Int64
        var title: String?
        var body: String?
        var state: String?
        var addLabels: [String]?
        var removeLabels: [String]?
        var assignees: [String]?
    }

    static let kind = "gh-update-issue"
    static var schema: [UInt8] { PackageResources.gh_update_issue_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        do {
            try await hosting.withGitHub(for: target) { repository in
                var fields = [("title", config.title), ("body", config.body), ("state", config.state)]
                    .reduce(into: [String: JSONValue]()) { fields, field in
                        fields[field.0] = field.1.map(JSONValue.string)
                    }
                if let users = config.assignees { fields["assignees"] = .array(users.map(JSONValue.string)) }
                if config.addLabels != nil || config.removeLabels != nil {
                    let (added, removed) = (config.addLabels ?? [], config.removeLabels ?? [])
                    try await repository.requireLabels(added)
                    let present = try await repository.issue(config.issueNumber).labels
                    let labels = Self.labels(present, adding: added, removing: removed)
                    fields["labels"] = .array(labels.map(JSONValue.string))
                }
                try await repository.updateIssue(config.issueNumber, fields)
            }
            return .succeeded()
        } catch {
            let what = "error updating issue \(config.issueNumber)"
            return try HostingAttempt.broken(what, error, refusalsAreFinal: true)
        }
    }

    /// What labels there are then; GitHub does not tell upper case from lower.
    private static func labels(_ present: [String], adding added: [String], removing removed: [String]) -> [String] {
        let gone = Set(removed.map { $0.lowercased() })
        var labels = gone.contains("*") ? [] : present.filter { !gone.contains($0.lowercased()) }
        for label in added where !labels.contains(where: { $0.lowercased() == label.lowercased() }) {
            labels.append(label)
        }
        return labels
    }
}
