import KargoCore
import NIOHTTP1

/// How two commits are related, as GitHub sees it.
struct GitHubComparison: Sendable, Decodable {
    struct Commit: Sendable, Decodable { var sha: String }

    /// `identical`, `ahead`, `behind` or `diverged`.
    var status: String
    /// How many commits one has and the other has not.
    var count: Int64
    /// These commits, or the first of them.
    var commits: [Commit]
    var mergeBase: Commit

    enum CodingKeys: String, CodingKey {
        case status, commits
        case count = "total_commits"
        case mergeBase = "merge_base_commit"
    }
}

/// Commits and references of a repository; all functions throw ``APIFailure`` and `CancellationError`.
extension GitHubRepository {
    private struct Reference: Decodable {
        struct Object: Decodable { var sha: String }

        var object: Object
    }

    private struct Info: Decodable {
        var defaultBranch: String

        enum CodingKeys: String, CodingKey { case defaultBranch = "default_branch" }
    }

    private static let mostCompared = "250"

    /// The last commit of a branch; nil if there is no such branch.
    func head(ofBranch branch: String) async throws -> String? {
        do {
            return try await client.call(.GET, path + ["git", "ref", "heads"] + Self.pieces(branch))
                .decode(Reference.self).object.sha
        } catch let failure as APIFailure where failure.status == 404 {
            return nil
        }
    }

    /// The branch that clones check out.
    func defaultBranch() async throws -> String { try await call(.GET).decode(Info.self).defaultBranch }

    /// Finds what one commit has that another has not.
    func compare(_ base: String, _ head: String) async throws -> GitHubComparison {
        try await call(.GET, "compare", "\(base)...\(head)", query: [("per_page", Self.mostCompared)]).decode()
    }

    /// Makes a commit.
    ///
    /// - Returns: Its id.
    func createCommit(_ fields: [String: JSONValue]) async throws -> String {
        try await call(.POST, "git", "commits", body: .object(fields)).decode(GitHubComparison.Commit.self).sha
    }

    /// Makes a branch.
    func createBranch(_ branch: String, at commit: String) async throws {
        try await call(.POST, "git", "refs", body: ["ref": .string("refs/heads/" + branch), "sha": .string(commit)])
    }

    /// Lets a branch have another last commit.
    func moveBranch(_ branch: String, to commit: String, force: Bool) async throws {
        try await client.call(
            .PATCH,
            path + ["git", "refs", "heads"] + Self.pieces(branch),
            body: ["sha": .string(commit), "force": .bool(force)]
        )
    }

    /// Deletes a reference, whose name begins with `refs/`.
    func deleteReference(_ name: String) async throws {
        try await client.call(.DELETE, path + ["git"] + Self.pieces(name))
    }

    private static func pieces(_ name: String) -> [String] { name.split(separator: "/").map(String.init) }
}
