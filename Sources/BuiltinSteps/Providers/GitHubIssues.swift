import KargoCore
import NIOHTTP1

/// An issue of GitHub.
struct GitHubIssue: Sendable, Hashable, Decodable {
    private struct Label: Decodable { var name: String }
    private struct User: Decodable { var login: String }

    private enum CodingKeys: String, CodingKey {
        case number, title, body, state, labels, assignees
        case url = "html_url"
    }

    let number: Int64
    let title: String
    let body: String
    let state: String
    let labels: [String]
    let assignees: [String]
    let url: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        number = try container.decode(Int64.self, forKey: .number)
        title = try container.decode(String.self, forKey: .title)
        body = try container.decodeIfPresent(String.self, forKey: .body) ?? ""
        state = try container.decode(String.self, forKey: .state)
        labels = try container.decodeIfPresent([Label].self, forKey: .labels)?.map(\.name) ?? []
        assignees = try container.decodeIfPresent([User].self, forKey: .assignees)?.map(\.login) ?? []
        url = try container.decode(String.self, forKey: .url)
    }

    /// The issue as steps put it out and expressions see it.
    var json: JSONValue {
        [
            "number": .int(number), "title": .string(title), "body": .string(body), "state": .string(state),
            "labels": .array(labels.map(JSONValue.string)), "assignees": .array(assignees.map(JSONValue.string)),
            "url": .string(url),
        ]
    }
}

/// A comment on an issue of GitHub.
struct GitHubComment: Sendable, Hashable, Decodable {
    var id: Int64
    var url: String

    enum CodingKeys: String, CodingKey {
        case id
        case url = "html_url"
    }
}

/// Issues of a repository; all functions throw ``APIFailure``, ``ProviderRefusal`` and `CancellationError`.
extension GitHubRepository {
    private struct Found: Decodable { var items: [GitHubIssue] }

    private static let mostFound = 30

    /// Reads an issue.
    func issue(_ number: Int64) async throws -> GitHubIssue {
        try await call(.GET, "issues", "\(number)").decode()
    }

    /// Opens an issue.
    func createIssue(_ fields: [String: JSONValue]) async throws -> GitHubIssue {
        try await call(.POST, "issues", body: .object(fields)).decode()
    }

    /// Changes an issue.
    func updateIssue(_ number: Int64, _ fields: [String: JSONValue]) async throws {
        try await call(.PATCH, "issues", "\(number)", body: .object(fields))
    }

    /// Finds issues of this repository.
    func issues(matching query: String) async throws -> [GitHubIssue] {
        let scopes = ["repo:", "org:", "user:"]
        for word in query.lowercased().split(whereSeparator: { $0.isWhitespace || "()".contains($0) })
        where scopes.contains(where: { word.hasPrefix($0) || word.hasPrefix("-" + $0) }) {
            throw ProviderRefusal(description: "the query must not say in which repository to look: \"\(word)\"")
        }
        let found: Found =
            try await client.call(
                .GET,
                ["search", "issues"],
                query: [("q", "repo:\(owner)/\(name) \(query)"), ("per_page", "\(Self.mostFound)")]
            )
            .decode()
        return Array(found.items.prefix(Self.mostFound))
    }

    /// Checks that the repository has labels: GitHub makes those that are missing.
    func requireLabels(_ labels: [String]) async throws {
        for label in labels {
            do {
                try await call(.GET, "labels", label)
            } catch let failure as APIFailure where failure.status == 404 {
                throw ProviderRefusal(description: "the repository has no label \"\(label)\"")
            }
        }
    }

    /// Comments on an issue or pull request.
    func addComment(_ body: String, to number: Int64) async throws -> GitHubComment {
        try await call(.POST, "issues", "\(number)", "comments", body: ["body": .string(body)]).decode()
    }

    /// Replaces the text of a comment.
    func updateComment(_ id: Int64, _ body: String) async throws -> GitHubComment {
        try await call(.PATCH, "issues", "comments", "\(id)", body: ["body": .string(body)]).decode()
    }

    /// Deletes a comment.
    func deleteComment(_ id: Int64) async throws {
        try await call(.DELETE, "issues", "comments", "\(id)")
    }
}
