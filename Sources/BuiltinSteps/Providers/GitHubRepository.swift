import KargoCore
import NIOHTTP1

/// A repository of GitHub, or of a GitHub Enterprise Server.
struct GitHubRepository: Sendable {
    let client: APIClient
    let owner: String
    let name: String

    /// Where the API of a repository is.
    static func endpoint(_ address: RepositoryAddress, token: String) throws(RequestURL.Malformed) -> APIClient.Endpoint
    {
        let base =
            switch address.host {
            case "github.com", "www.github.com", "ssh.github.com": "https://api.github.com"
            case let host where host.hasSuffix(".ghe.com") && !host.hasPrefix("api."): "https://api.\(host)"
            default: address.url(["api", "v3"])
            }
        var headers = [("Accept", "application/vnd.github+json"), ("X-GitHub-Api-Version", "2022-11-28")]
        if !token.isEmpty { headers.append(("Authorization", "Bearer \(token)")) }
        return APIClient.Endpoint(
            service: "GitHub",
            base: try RequestURL(base),
            headers: headers.map { (name: $0.0, value: $0.1) },
            secrets: [token]
        )
    }

    /// Makes a call below the repository.
    ///
    /// - Throws: ``APIFailure``; `CancellationError`.
    @discardableResult
    func call(
        _ method: HTTPMethod,
        _ path: String...,
        query: [(String, String)] = [],
        body: JSONValue? = nil
    ) async throws -> APIResponse {
        try await client.call(method, self.path + path, query: query, body: body)
    }

    /// The path of the repository.
    var path: [String] { ["repos", owner, name] }
}
