import KargoCore

/// Comments on an issue or pull request at GitHub.
struct GHIssueAddCommentStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var issueNumber: Int64
        var body: String
    }

    static let kind = "gh-issue-add-comment"
    static var schema: [UInt8] { PackageResources.gh_issue_add_comment_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        do {
            let comment = try await hosting.withGitHub(for: target) { repository in
                try await repository.addComment(config.body, to: config.issueNumber)
            }
            return .succeeded(output: ["commentID": .int(comment.id), "url": .string(comment.url)])
        } catch {
            let what = "error commenting on issue \(config.issueNumber)"
            return try HostingAttempt.broken(what, error, refusalsAreFinal: true)
        }
    }
}
