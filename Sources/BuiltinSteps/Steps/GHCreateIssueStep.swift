import KargoCore

/// Creates an issue at GitHub and keeps its number in the metadata of the Freight.
struct GHCreateIssueStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var title: String
        var body: String?
        var labels: [String]?
        var assignees: [String]?
        var issueAlias: String?
    }

    private static let defaultAlias = "github-issue-number"

    static let kind = "gh-create-issue"
    static var schema: [UInt8] { PackageResources.gh_create_issue_json }

    let hosting: HostingAccess
    let controlPlane: (any ControlPlaneAccess)?

    /// An issue that an earlier attempt has made is not made again.
    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        guard let controlPlane else { throw MissingCapability("access to the control plane") }
        var output: [String: JSONValue]
        if let known = step.sharedState[step.alias]?.objectValue, known["number"]?.intValue != nil {
            output = known
        } else {
            do {
                let issue = try await create(step, config)
                output = ["number": .int(issue.number), "url": .string(issue.url)]
            } catch {
                return try HostingAttempt.broken("error creating issue", error, refusalsAreFinal: true)
            }
        }
        do {
            try await controlPlane.setMetadata(
                [config.issueAlias ?? Self.defaultAlias: output["number"] ?? .null],
                of: .freight(step.promotion.targetFreight.name),
                project: step.promotion.project
            )
        } catch {
            let what = "error keeping the number of the issue in the Freight's metadata"
            var result = try HostingAttempt.broken(what, error, refusalsAreFinal: false)
            result.output = output
            return result
        }
        return .succeeded(output: output)
    }

    private func create(_ step: StepContext, _ config: Config) async throws -> GitHubIssue {
        var fields: [String: JSONValue] = ["title": .string(config.title)]
        if let body = config.body { fields["body"] = .string(body) }
        if let labels = config.labels { fields["labels"] = .array(labels.map(JSONValue.string)) }
        if let users = config.assignees { fields["assignees"] = .array(users.map(JSONValue.string)) }
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        return try await hosting.withGitHub(for: target) { repository in
            try await repository.requireLabels(config.labels ?? [])
            return try await repository.createIssue(fields)
        }
    }
}
