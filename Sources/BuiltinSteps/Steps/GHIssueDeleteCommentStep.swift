import KargoCore

/// Deletes a comment at GitHub.
struct GHIssueDeleteCommentStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var commentID: Int64
    }

    static let kind = "gh-issue-delete-comment"
    static var schema: [UInt8] { PackageResources.gh_issue_delete_comment_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        do {
            try await hosting.withGitHub(for: target) { try await $0.deleteComment(config.commentID) }
            return .succeeded()
        } catch {
            let what = "error deleting comment \(config.commentID)"
            return try HostingAttempt.broken(what, error, refusalsAreFinal: true)
        }
    }
}
