import KargoCore

/// What an operator says of pushes through GitHub's API.
struct GitHubPushRules: Sendable, Hashable {
    /// How many commits a push may have.
    var mostCommits = 10
    /// Whether GitHub is to vouch also for commits that nobody known has signed.
    var verifiesUntrusted = false

    /// - Parameter environment: The variables of the process, of which `GITHUB_PUSH_MAX_REVISIONS` and
    ///   `GITHUB_PUSH_VERIFY_UNTRUSTED_COMMITS` are read.
    /// - Throws: ``GitError`` for one that means nothing.
    init(environment: [String: String]) throws(GitError) {
        if let text = environment["GITHUB_PUSH_MAX_REVISIONS"].nonEmpty {
            guard let number = Int(text), number >= 0 else {
                throw GitError(.refused, "GITHUB_PUSH_MAX_REVISIONS is \"\(text)\"; it must be a number")
            }
            mostCommits = number
        }
        if let text = environment["GITHUB_PUSH_VERIFY_UNTRUSTED_COMMITS"].nonEmpty {
            guard let flag = GoNumber.parseBool(text) else {
                throw GitError(
                    .refused,
                    "GITHUB_PUSH_VERIFY_UNTRUSTED_COMMITS is \"\(text)\"; it must be true or false"
                )
            }
            verifiesUntrusted = flag
        }
    }
}
