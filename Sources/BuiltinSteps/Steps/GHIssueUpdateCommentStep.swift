import KargoCore

/// Replaces the text of a comment at GitHub.
struct GHIssueUpdateCommentStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var commentID: Int64
        var body: String
    }

    static let kind = "gh-issue-update-comment"
    static var schema: [UInt8] { PackageResources.gh_issue_update_comment_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        do {
            let comment = try await hosting.withGitHub(for: target) { repository in
                try await repository.updateComment(config.commentID, config.body)
            }
            return .succeeded(output: ["commentID": .int(comment.id), "url": .string(comment.url)])
        } catch {
            let what = "error updating comment \(config.commentID)"
            return try HostingAttempt.broken(what, error, refusalsAreFinal: true)
        }
    }
}
