import KargoCore
import NIOHTTP1

/// Pull requests of GitHub.
struct GitHubProvider: GitProvider {
    /// What GitHub tells of a pull request.
    private struct Pull: Decodable {
        struct Branch: Decodable {
            struct Repository: Decodable { var id: Int64 }

            var ref: String
            var sha: String
            /// Null if a fork is gone.
            var repo: Repository?
        }

        var number: Int64
        var url: String
        var state: String
        var mergedAt: String?
        var mergeCommit: String?
        var createdAt: String
        var head: Branch
        var base: Branch
        var isDraft: Bool?
        var isMergeable: Bool?
        var mergeableState: String?

        enum CodingKeys: String, CodingKey {
            case number, state, head, base
            case url = "html_url"
            case mergedAt = "merged_at"
            case mergeCommit = "merge_commit_sha"
            case createdAt = "created_at"
            case isDraft = "draft"
            case isMergeable = "mergeable"
            case mergeableState = "mergeable_state"
        }

        /// Until it is merged, GitHub names a commit of its own trial as the one that merging made.
        var value: PullRequest {
            PullRequest(
                number: number,
                url: url,
                isOpen: state == "open",
                isMerged: mergedAt != nil,
                mergeCommit: mergedAt == nil ? nil : mergeCommit,
                createdAt: createdAt
            )
        }

        var isOfSameRepository: Bool { head.repo != nil && head.repo?.id == base.repo?.id }
    }

    private enum Readiness {
        case ready
        /// Rules forbid it, but perhaps not to whom the token belongs.
        case blocked
        case notReady(String)
    }

    let repository: GitHubRepository

    func createPullRequest(_ request: NewPullRequest) async throws -> PullRequest {
        let pull: Pull =
            try await repository.call(
                .POST,
                "pulls",
                body: [
                    "title": .string(request.title),
                    "body": .string(request.description),
                    "head": .string(request.sourceBranch),
                    "base": .string(request.targetBranch),
                    "maintainer_can_modify": false,
                ]
            )
            .decode()
        if !request.labels.isEmpty {
            let labels = JSONValue.array(request.labels.map(JSONValue.string))
            try await repository.call(.POST, "issues", "\(pull.number)", "labels", body: ["labels": labels])
        }
        return pull.value
    }

    func pullRequest(_ number: Int64) async throws -> PullRequest { try await read(number).value }

    func openPullRequests(_ filter: PullRequestFilter) async throws -> [PullRequest] {
        let pulls = try await repository.client.pages(
            of: Pull.self,
            repository.path + ["pulls"],
            query: [
                ("state", "open"), ("base", filter.targetBranch),
                ("head", "\(repository.owner):\(filter.sourceBranch)"),
                ("per_page", "100"),
            ]
        )
        return
            pulls.filter { pull in
                pull.isOfSameRepository && pull.head.sha == filter.commit && pull.head.ref == filter.sourceBranch
                    && pull.base.ref == filter.targetBranch
            }
            .map(\.value)
    }

    func mergePullRequest(_ number: Int64, method: String?) async throws -> MergeOutcome {
        if let method, !["merge", "rebase", "squash"].contains(method) {
            throw ProviderRefusal(description: "GitHub merges by merge, rebase or squash, not by \"\(method)\"")
        }
        let pull = try await read(number)
        if pull.mergedAt != nil { return .merged(pull.value) }
        guard pull.state == "open" else {
            throw ProviderRefusal(description: "pull request \(number) is closed and not merged")
        }
        var isBlocked = false
        switch try Self.readiness(of: pull) {
        case .ready: break
        case .blocked: isBlocked = true
        case .notReady(let reason): return .notReady(reason)
        }
        do {
            let body: JSONValue = method.map { ["merge_method": .string($0)] } ?? [:]
            try await repository.call(.PUT, "pulls", "\(number)", "merge", body: body)
        } catch let failure as APIFailure {
            guard Self.isTemporary(failure, isBlocked: isBlocked) else { throw failure }
            return .notReady(failure.description)
        }
        return .merged(try await read(number).value)
    }

    private func read(_ number: Int64) async throws -> Pull {
        try await repository.call(.GET, "pulls", "\(number)").decode()
    }

    private static func readiness(of pull: Pull) throws(ProviderRefusal) -> Readiness {
        if pull.isDraft == true { return .notReady("it is a draft") }
        switch pull.mergeableState {
        case "clean", "unstable", "has_hooks": return .ready
        case "dirty": throw ProviderRefusal(description: "pull request \(pull.number) has merge conflicts")
        case "blocked", "behind": return .blocked
        case "draft": return .notReady("it is a draft")
        case "unknown": return .notReady("GitHub has not found out yet whether it can be merged")
        default: return pull.isMergeable == true ? .ready : .notReady("GitHub does not say that it can be merged")
        }
    }

    /// Whether a refused merge may be possible later.
    private static func isTemporary(_ failure: APIFailure, isBlocked: Bool) -> Bool {
        switch failure.status {
        // The head has moved since GitHub looked.
        case 409: true
        // Such as "Squash merges are not allowed on this repository."
        case 405 where failure.reason.contains("not allowed"): false
        case 405:
            isBlocked || failure.reason.contains("Base branch was modified")
                || failure.reason.contains("Pull Request is not mergeable")
        default: false
        }
    }
}
