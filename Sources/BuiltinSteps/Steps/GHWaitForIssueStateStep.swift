import KargoCore

/// Waits until an issue at GitHub is as an expression says.
struct GHWaitForIssueStateStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var issueNumber: Int64
        var successExpression: String
        var failureExpression: String?
        var pollInterval: GoDuration?
    }

    private static let defaultPollInterval = Duration.seconds(30)

    static let kind = "gh-wait-for-issue-state"
    static var schema: [UInt8] { PackageResources.gh_wait_for_issue_state_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let interval = config.pollInterval?.duration ?? Self.defaultPollInterval
        let number = config.issueNumber
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        let issue: GitHubIssue
        do {
            issue = try await hosting.withGitHub(for: target) { try await $0.issue(number) }
        } catch {
            let what = "error getting issue \(number)"
            return try HostingAttempt.brokenLook(what, error, step, interval: interval, refusalsAreFinal: true)
        }
        let environment = ExpressionEnvironment(variables: ["issue": ExpressionValue(issue.json, numbers: .exact)])
        do {
            let failure = ExpressionCriterion(name: "failure", expression: config.failureExpression)
            let success = ExpressionCriterion(name: "success", expression: config.successExpression)
            if try await failure.holds(in: environment) == true {
                return .failed("issue \(number) met failure criteria")
            }
            if try await success.holds(in: environment) == true { return .succeeded() }
            return .running("issue \(number) met no criteria yet", retryAfter: interval)
        } catch let problem as ExpressionCriterion.Problem {
            return problem.result
        }
    }
}
