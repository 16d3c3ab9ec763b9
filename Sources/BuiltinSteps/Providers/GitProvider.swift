/// Pull requests of one repository.
///
/// All functions throw ``APIFailure`` for what the service answers, ``ProviderRefusal`` for what it would never do, and
/// `CancellationError`.
protocol GitProvider: Sendable {
    /// Opens a pull request.
    func createPullRequest(_ request: NewPullRequest) async throws -> PullRequest

    /// Reads a pull request.
    func pullRequest(_ number: Int64) async throws -> PullRequest

    /// Reads the pull requests that are open and bring the very commit of a filter, in any order.
    func openPullRequests(_ filter: PullRequestFilter) async throws -> [PullRequest]

    /// Merges a pull request if that can be done now; one that is merged already counts.
    ///
    /// - Parameters:
    ///   - number: Which one.
    ///   - method: How, in the words of the service; nil for its own choice.
    /// - Returns: The pull request, or why it can't be merged now.
    /// - Throws: As all of them.
    func mergePullRequest(_ number: Int64, method: String?) async throws -> MergeOutcome
}

/// A pull request to be.
struct NewPullRequest: Sendable, Hashable {
    var title: String
    var description: String
    var sourceBranch: String
    var targetBranch: String
    var labels: [String] = []
}

/// A pull request.
struct PullRequest: Sendable, Hashable {
    var number: Int64
    var url: String
    var isOpen: Bool
    var isMerged: Bool
    /// The commit that merging made; nil while there is none.
    var mergeCommit: String?
    /// When it was opened, in a form whose order is that of time.
    var createdAt: String
}

/// Which pull requests are asked for.
struct PullRequestFilter: Sendable, Hashable {
    var sourceBranch: String
    var targetBranch: String
    /// The last commit of the source branch.
    var commit: String
}

/// What came of merging.
enum MergeOutcome: Sendable, Hashable {
    case merged(PullRequest)
    /// It may be merged later; what is missing, in a clause.
    case notReady(String)
}

/// What a service can't be asked for; no other attempt would do better.
struct ProviderRefusal: Error, Hashable, CustomStringConvertible {
    let description: String
}
