import KargoCore
import NIOHTTP1

/// Merge requests of GitLab.
struct GitLabProvider: GitProvider {
    /// What GitLab tells of a merge request.
    private struct MergeRequest: Decodable {
        var number: Int64
        var url: String
        var state: String
        var head: String?
        var mergeCommit: String?
        var squashCommit: String?
        var createdAt: String
        var isDraft: Bool?
        var mergeStatus: String?

        enum CodingKeys: String, CodingKey {
            case state
            case number = "iid"
            case url = "web_url"
            case head = "sha"
            case mergeCommit = "merge_commit_sha"
            case squashCommit = "squash_commit_sha"
            case createdAt = "created_at"
            case isDraft = "draft"
            case mergeStatus = "detailed_merge_status"
        }

        var isOpen: Bool { state == "opened" || state == "locked" }

        /// A merge that moves the branch forward makes no commit of its own: the last one of the source counts.
        var value: PullRequest {
            let isMerged = state == "merged"
            return PullRequest(
                number: number,
                url: url,
                isOpen: isOpen,
                isMerged: isMerged,
                mergeCommit: isMerged ? mergeCommit ?? squashCommit ?? head : nil,
                createdAt: createdAt
            )
        }
    }

    let client: APIClient
    /// The full path of the project.
    let project: String

    private var path: [String] { ["projects", project, "merge_requests"] }

    static func endpoint(_ address: RepositoryAddress, token: String) throws(RequestURL.Malformed) -> APIClient.Endpoint
    {
        let base = address.host == "gitlab.com" ? "https://gitlab.com/api/v4" : address.url(["api", "v4"])
        return APIClient.Endpoint(
            service: "GitLab",
            base: try RequestURL(base),
            headers: token.isEmpty ? [] : [("PRIVATE-TOKEN", token)],
            secrets: [token]
        )
    }

    func createPullRequest(_ request: NewPullRequest) async throws -> PullRequest {
        var body: [String: JSONValue] = [
            "title": .string(request.title),
            "description": .string(request.description),
            "source_branch": .string(request.sourceBranch),
            "target_branch": .string(request.targetBranch),
        ]
        if !request.labels.isEmpty { body["labels"] = .string(request.labels.joined(separator: ",")) }
        return try await client.call(.POST, path, body: .object(body)).decode(MergeRequest.self).value
    }

    func pullRequest(_ number: Int64) async throws -> PullRequest { try await read(number).value }

    func openPullRequests(_ filter: PullRequestFilter) async throws -> [PullRequest] {
        let requests = try await client.pages(
            of: MergeRequest.self,
            path,
            query: [
                ("state", "all"), ("source_branch", filter.sourceBranch), ("target_branch", filter.targetBranch),
                ("per_page", "100"),
            ]
        )
        return requests.filter { $0.isOpen && $0.head == filter.commit }.map(\.value)
    }

    func mergePullRequest(_ number: Int64, method: String?) async throws -> MergeOutcome {
        let isSquash =
            switch method {
            case nil, "merge": false
            case "squash": true
            case let method?:
                throw ProviderRefusal(description: "GitLab merges by merge or squash, not by \"\(method)\"")
            }
        let request = try await read(number)
        switch request.state {
        case "merged": return .merged(request.value)
        case "opened", "locked": break
        default: throw ProviderRefusal(description: "merge request \(number) is closed and not merged")
        }
        if request.isDraft == true { return .notReady("it is a draft") }
        guard request.mergeStatus == "mergeable" else {
            return .notReady("GitLab says \(request.mergeStatus ?? "nothing") of whether it can be merged")
        }
        do {
            let body: JSONValue = method == nil ? [:] : ["squash": .bool(isSquash)]
            let merged: MergeRequest = try await client.call(.PUT, path + ["\(number)", "merge"], body: body).decode()
            return merged.state == "merged" ? .merged(merged.value) : .notReady("GitLab is merging it")
        } catch let failure as APIFailure where [405, 406, 409, 422].contains(failure.status) {
            // Something has changed since GitLab looked.
            return .notReady(failure.description)
        }
    }

    private func read(_ number: Int64) async throws -> MergeRequest {
        try await client.call(.GET, path + ["\(number)"]).decode()
    }
}
