import KargoCore
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Pull requests of Azure DevOps.
struct AzureProvider: GitProvider {
    /// What Azure DevOps tells of a pull request.
    private struct Pull: Decodable {
        struct Commit: Decodable { var commitId: String }

        var pullRequestId: Int64
        var status: String
        var creationDate: String
        var mergeStatus: String?
        var isDraft: Bool?
        var lastMergeSourceCommit: Commit?
        var lastMergeCommit: Commit?
    }

    private struct List: Decodable { var value: [Pull] }

    private static let methods = ["noFastForward", "rebase", "rebaseMerge", "squash"]
    private static let version = ("api-version", "7.1")
    private static let pageSize = 100

    let client: APIClient
    let repository: AzureRepository
    /// Tells how long to wait between two looks.
    let clock: any Clock<Duration>

    private var path: [String] {
        [repository.project, "_apis", "git", "repositories", repository.name, "pullrequests"]
    }

    /// Where the API of a repository is.
    ///
    /// - Throws: ``RequestURL/Malformed``; ``ProviderRefusal`` without a token.
    static func endpoint(_ repository: AzureRepository, token: String) throws -> APIClient.Endpoint {
        guard !token.isEmpty else {
            throw ProviderRefusal(
                description: "Azure DevOps needs a token, and there are no credentials for the repository"
            )
        }
        let secret = Data(":\(token)".utf8).base64EncodedString()
        return APIClient.Endpoint(
            service: "Azure DevOps",
            base: try RequestURL(repository.organizationURL),
            headers: [("Authorization", "Basic \(secret)"), ("Accept", "application/json")],
            secrets: [token, secret]
        )
    }

    func createPullRequest(_ request: NewPullRequest) async throws -> PullRequest {
        var body: [String: JSONValue] = [
            "title": .string(request.title),
            "description": .string(request.description),
            "sourceRefName": .string("refs/heads/" + request.sourceBranch),
            "targetRefName": .string("refs/heads/" + request.targetBranch),
        ]
        if !request.labels.isEmpty { body["labels"] = .array(request.labels.map { ["name": .string($0)] }) }
        let response = try await client.call(.POST, path, query: [Self.version], body: .object(body))
        return value(try response.decode())
    }

    func pullRequest(_ number: Int64) async throws -> PullRequest { value(try await read(number)) }

    func openPullRequests(_ filter: PullRequestFilter) async throws -> [PullRequest] {
        var found: [PullRequest] = []
        for page in 0..<APIClient.mostPages {
            let list: List =
                try await client.call(
                    .GET,
                    path,
                    query: [
                        ("searchCriteria.status", "active"),
                        ("searchCriteria.sourceRefName", "refs/heads/" + filter.sourceBranch),
                        ("searchCriteria.targetRefName", "refs/heads/" + filter.targetBranch),
                        ("$top", "\(Self.pageSize)"), ("$skip", "\(page * Self.pageSize)"), Self.version,
                    ]
                )
                .decode()
            found += list.value.filter { $0.lastMergeSourceCommit?.commitId == filter.commit }.map(value)
            if list.value.count < Self.pageSize { break }
        }
        return found
    }

    func mergePullRequest(_ number: Int64, method: String?) async throws -> MergeOutcome {
        if let method { try MergeRules.check(method, isOneOf: Self.methods, of: "Azure DevOps") }
        let pull = try await read(number)
        switch pull.status {
        case "completed": return .merged(value(pull))
        case "active": break
        default: throw ProviderRefusal(description: "pull request \(number) is \(pull.status) and not merged")
        }
        if pull.isDraft == true { return .notReady("it is a draft") }
        guard pull.mergeStatus == "succeeded", let head = pull.lastMergeSourceCommit?.commitId else {
            return .notReady("Azure DevOps says \(pull.mergeStatus ?? "nothing") of whether it can be merged")
        }
        // The commit guards against a push in the meantime.
        var body: [String: JSONValue] = ["status": "completed", "lastMergeSourceCommit": ["commitId": .string(head)]]
        if let method { body["completionOptions"] = ["mergeStrategy": .string(method)] }
        do {
            try await client.call(.PATCH, path + ["\(number)"], query: [Self.version], body: .object(body))
        } catch let failure as APIFailure where failure.status == 409 {
            return .notReady(failure.description)
        }
        let merged = try await MergeRules.merged(clock: clock) {
            let pull = try await read(number)
            return pull.status == "completed" ? value(pull) : nil
        }
        return merged.map(MergeOutcome.merged) ?? .notReady("Azure DevOps is merging it")
    }

    private func read(_ number: Int64) async throws -> Pull {
        try await client.call(.GET, path + ["\(number)"], query: [Self.version]).decode()
    }

    private func value(_ pull: Pull) -> PullRequest {
        let isMerged = pull.status == "completed"
        return PullRequest(
            number: pull.pullRequestId,
            url: "\(repository.webURL)/pullrequest/\(pull.pullRequestId)",
            isOpen: pull.status == "active",
            isMerged: isMerged,
            mergeCommit: isMerged ? pull.lastMergeCommit?.commitId : nil,
            createdAt: pull.creationDate
        )
    }
}
