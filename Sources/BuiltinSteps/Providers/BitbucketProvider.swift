import KargoCore
import NIOHTTP1

/// Pull requests of Bitbucket Cloud.
struct BitbucketProvider: GitProvider {
    /// What Bitbucket tells of a pull request.
    private struct Pull: Decodable {
        struct Commit: Decodable { var hash: String }
        struct Branch: Decodable { var name: String }
        struct Repository: Decodable { var uuid: String }
        struct Side: Decodable {
            var branch: Branch
            /// Null if it is gone; the hash is shortened.
            var commit: Commit?
            var repository: Repository?
        }
        struct Link: Decodable { var href: String }
        struct Links: Decodable { var html: Link }

        var id: Int64
        var state: String
        var createdAt: String
        var links: Links
        var source: Side
        var destination: Side
        var mergeCommit: Commit?
        var isDraft: Bool?

        enum CodingKeys: String, CodingKey {
            case id, state, links, source, destination
            case createdAt = "created_on"
            case mergeCommit = "merge_commit"
            case isDraft = "draft"
        }
    }

    private struct Page: Decodable {
        var values: [Pull]
        var next: String?
    }

    private static let fullHash = 40
    private static let methods = [
        "merge_commit", "squash", "fast_forward", "squash_fast_forward", "rebase_fast_forward", "rebase_merge",
    ]

    let client: APIClient
    let workspace: String
    let name: String
    /// Tells how long to wait between two looks.
    let clock: any Clock<Duration>

    private var repository: [String] { ["repositories", workspace, name] }
    private var path: [String] { repository + ["pullrequests"] }

    static func endpoint(_ address: RepositoryAddress, token: String) throws(RequestURL.Malformed) -> APIClient.Endpoint
    {
        let isCloud = address.host == "bitbucket.org" || address.host.hasSuffix(".bitbucket.org")
        return APIClient.Endpoint(
            service: "Bitbucket",
            base: try RequestURL(isCloud ? "https://api.bitbucket.org/2.0" : address.url(["2.0"])),
            headers: token.isEmpty ? [] : [("Authorization", "Bearer \(token)")],
            secrets: [token]
        )
    }

    /// Bitbucket has no labels; those of the request are left out.
    func createPullRequest(_ request: NewPullRequest) async throws -> PullRequest {
        let body: JSONValue = [
            "title": .string(request.title),
            "description": .string(request.description),
            "source": ["branch": ["name": .string(request.sourceBranch)]],
            "destination": ["branch": ["name": .string(request.targetBranch)]],
        ]
        return try await value(client.call(.POST, path, body: body).decode())
    }

    func pullRequest(_ number: Int64) async throws -> PullRequest { try await value(read(number)) }

    func openPullRequests(_ filter: PullRequestFilter) async throws -> [PullRequest] {
        let condition =
            "source.branch.name = \(Self.quoted(filter.sourceBranch))"
            + " AND destination.branch.name = \(Self.quoted(filter.targetBranch))"
        var response = try await client.call(
            .GET,
            path,
            query: [("state", "OPEN"), ("pagelen", "50"), ("q", condition)]
        )
        var found: [PullRequest] = []
        for _ in 1...APIClient.mostPages {
            let page: Page = try response.decode()
            for pull in page.values where Self.matches(pull, filter) { found.append(try await value(pull)) }
            guard let next = page.next else { break }
            response = try await client.get(url: next)
        }
        return found
    }

    func mergePullRequest(_ number: Int64, method: String?) async throws -> MergeOutcome {
        if let method { try MergeRules.check(method, isOneOf: Self.methods, of: "Bitbucket") }
        let pull = try await read(number)
        switch pull.state {
        case "MERGED": return .merged(try await value(pull))
        case "OPEN": break
        default: throw ProviderRefusal(description: "pull request \(number) is \(pull.state) and not merged")
        }
        if pull.isDraft == true { return .notReady("it is a draft") }
        let body: JSONValue = method.map { ["merge_strategy": .string($0)] } ?? [:]
        let response = try await client.call(.POST, path + ["\(number)", "merge"], body: body)
        if response.status != 202 { return .merged(try await value(response.decode())) }
        let merged = try await MergeRules.merged(clock: clock) {
            let pull = try await read(number)
            return if pull.state == "MERGED" { try await value(pull) } else { nil }
        }
        return merged.map(MergeOutcome.merged) ?? .notReady("Bitbucket is merging it")
    }

    private func read(_ number: Int64) async throws -> Pull {
        try await client.call(.GET, path + ["\(number)"]).decode()
    }

    private func value(_ pull: Pull) async throws -> PullRequest {
        let isMerged = pull.state == "MERGED"
        var commit = isMerged ? pull.mergeCommit?.hash : nil
        if let short = commit, short.count < Self.fullHash {
            commit = try await client.call(.GET, repository + ["commit", short]).decode(Pull.Commit.self).hash
        }
        return PullRequest(
            number: pull.id,
            url: pull.links.html.href,
            isOpen: pull.state == "OPEN",
            isMerged: isMerged,
            mergeCommit: commit,
            createdAt: pull.createdAt
        )
    }

    /// What the server was asked for is looked at again: a query that it does not understand is one that it passes over.
    private static func matches(_ pull: Pull, _ filter: PullRequestFilter) -> Bool {
        guard pull.state == "OPEN", pull.source.branch.name == filter.sourceBranch,
            pull.destination.branch.name == filter.targetBranch,
            pull.source.repository?.uuid == pull.destination.repository?.uuid,
            let hash = pull.source.commit?.hash, !hash.isEmpty
        else { return false }
        return filter.commit.hasPrefix(hash)
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
