import KargoCore
import NIOHTTP1

/// Pull requests of Gitea.
struct GiteaProvider: GitProvider {
    /// What Gitea tells of a pull request.
    private struct Pull: Decodable {
        struct Branch: Decodable {
            var ref: String
            var sha: String
            var repository: Int64?

            enum CodingKeys: String, CodingKey {
                case ref, sha
                case repository = "repo_id"
            }
        }

        var number: Int64
        var url: String
        var state: String
        var isMerged: Bool?
        var mergeCommit: String?
        var createdAt: String
        var head: Branch
        var base: Branch
        var isDraft: Bool?
        var isMergeable: Bool?

        enum CodingKeys: String, CodingKey {
            case number, state, head, base
            case url = "html_url"
            case isMerged = "merged"
            case mergeCommit = "merge_commit_sha"
            case createdAt = "created_at"
            case isDraft = "draft"
            case isMergeable = "mergeable"
        }

        var value: PullRequest {
            PullRequest(
                number: number,
                url: url,
                isOpen: state == "open",
                isMerged: isMerged == true,
                mergeCommit: isMerged == true ? mergeCommit : nil,
                createdAt: createdAt
            )
        }
    }

    private struct Label: Decodable {
        var id: Int64
        var name: String
    }

    /// Gitea knows more words than these, but Kargo does not.
    private static let methods = ["fast-forward-only", "manually-merged", "merge", "rebase", "rebase-merge", "squash"]
    private static let pageSize = ("limit", "50")

    let client: APIClient
    let owner: String
    let name: String

    private var path: [String] { ["repos", owner, name] }

    static func endpoint(_ address: RepositoryAddress, token: String) throws(RequestURL.Malformed) -> APIClient.Endpoint
    {
        APIClient.Endpoint(
            service: "Gitea",
            base: try RequestURL(address.url(["api", "v1"])),
            headers: token.isEmpty ? [] : [("Authorization", "token \(token)")],
            secrets: [token]
        )
    }

    func createPullRequest(_ request: NewPullRequest) async throws -> PullRequest {
        var body: [String: JSONValue] = [
            "title": .string(request.title),
            "body": .string(request.description),
            "head": .string(request.sourceBranch),
            "base": .string(request.targetBranch),
        ]
        if !request.labels.isEmpty { body["labels"] = .array(try await labelIDs(request.labels).map(JSONValue.int)) }
        return try await client.call(.POST, path + ["pulls"], body: .object(body)).decode(Pull.self).value
    }

    func pullRequest(_ number: Int64) async throws -> PullRequest { try await read(number).value }

    func openPullRequests(_ filter: PullRequestFilter) async throws -> [PullRequest] {
        let query = [("state", "open"), Self.pageSize]
        let pulls = try await client.pages(of: Pull.self, path + ["pulls"], query: query)
        return
            pulls.filter { pull in
                pull.head.sha == filter.commit && pull.head.ref == filter.sourceBranch
                    && pull.base.ref == filter.targetBranch && pull.head.repository == pull.base.repository
            }
            .map(\.value)
    }

    func mergePullRequest(_ number: Int64, method: String?) async throws -> MergeOutcome {
        let method = method ?? "merge"
        try MergeRules.check(method, isOneOf: Self.methods, of: "Gitea")
        let pull = try await read(number)
        if pull.isMerged == true { return .merged(pull.value) }
        guard pull.state == "open" else {
            throw ProviderRefusal(description: "pull request \(number) is closed and not merged")
        }
        if pull.isDraft == true { return .notReady("it is a draft") }
        guard pull.isMergeable == true else { return .notReady("Gitea does not say that it can be merged") }
        do {
            try await client.call(.POST, path + ["pulls", "\(number)", "merge"], body: ["Do": .string(method)])
        } catch let failure as APIFailure where [405, 409].contains(failure.status) {
            // Checks or approvals are missing, or the branch has moved since Gitea looked.
            return .notReady(failure.description)
        }
        let merged = try await read(number)
        return merged.isMerged == true ? .merged(merged.value) : .notReady("Gitea is merging it")
    }

    private func read(_ number: Int64) async throws -> Pull {
        try await client.call(.GET, path + ["pulls", "\(number)"]).decode()
    }

    private func labelIDs(_ names: [String]) async throws -> [Int64] {
        let labels = try await client.pages(of: Label.self, path + ["labels"], query: [Self.pageSize])
        return try names.map { name throws(ProviderRefusal) in
            guard let label = labels.first(where: { $0.name == name }) else {
                throw ProviderRefusal(description: "the repository has no label \"\(name)\"")
            }
            return label.id
        }
    }
}
