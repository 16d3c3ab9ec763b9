import KargoCore

/// Finds issues at GitHub.
struct GHSearchIssuesStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var issueNumber: Int64?
        var query: String?
    }

    static let kind = "gh-search-issues"
    static var schema: [UInt8] { PackageResources.gh_search_issues_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        do {
            let issues = try await hosting.withGitHub(for: target) { repository in
                if let number = config.issueNumber { return [try await repository.issue(number)] }
                return try await repository.issues(matching: config.query ?? "")
            }
            return .succeeded(output: ["issues": .array(issues.map(\.json))])
        } catch {
            return try HostingAttempt.broken("error looking for issues", error, refusalsAreFinal: true)
        }
    }
}
