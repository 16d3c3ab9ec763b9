import KargoCore

/// Lets steps call the services that host repositories.
struct HostingAccess: Sendable {
    let credentials: any CredentialsDatabase
    let proxies: ProxyRules
    var clock: any Clock<Duration> = ContinuousClock()

    /// Which repository a step is about.
    struct Target: Sendable {
        var repoURL: String
        var hosting: GitHosting?
        var project: String
        var trustsAnyCertificate = false
    }

    /// Hands pull requests of a repository to the body.
    ///
    /// - Throws: ``ProviderRefusal`` if nobody knows where they are; what the body throws.
    func withProvider<Result>(
        for target: Target,
        _ body: (any GitProvider) async throws -> Result
    ) async throws -> Result {
        let address = try RepositoryAddress(target.repoURL)
        guard let hosting = target.hosting ?? GitHosting(of: address) else {
            let known = GitHosting.allCases.map(\.rawValue).joined(separator: ", ")
            throw ProviderRefusal(
                description:
                    "the host \"\(address.host)\" does not show which service it is of; set provider to one of \(known)"
            )
        }
        let token = try await token(for: target)
        switch hosting {
        case .azure:
            let repository = try AzureRepository(address)
            return try await with(try AzureProvider.endpoint(repository, token: token), target) { client in
                try await body(AzureProvider(client: client, repository: repository, clock: clock))
            }
        case .bitbucket:
            let (owner, name) = try address.ownerAndName()
            return try await with(try BitbucketProvider.endpoint(address, token: token), target) { client in
                try await body(BitbucketProvider(client: client, workspace: owner, name: name, clock: clock))
            }
        case .gitea:
            let (owner, name) = try address.ownerAndName()
            return try await with(try GiteaProvider.endpoint(address, token: token), target) { client in
                try await body(GiteaProvider(client: client, owner: owner, name: name))
            }
        case .github:
            return try await withGitHub(address, token: token, target) { repository in
                try await body(GitHubProvider(repository: repository))
            }
        case .gitlab:
            return try await with(try GitLabProvider.endpoint(address, token: token), target) { client in
                try await body(GitLabProvider(client: client, project: address.path.joined(separator: "/")))
            }
        }
    }

    /// Hands a repository of GitHub to the body.
    ///
    /// - Throws: ``ProviderRefusal`` if it can't be one; what the body throws.
    func withGitHub<Result>(
        for target: Target,
        _ body: (GitHubRepository) async throws -> Result
    ) async throws -> Result {
        try await withGitHub(RepositoryAddress(target.repoURL), token: token(for: target), target, body)
    }

    /// Hands a repository of GitHub to the body, with a token that is known.
    ///
    /// - Throws: ``ProviderRefusal`` if it can't be one; what the body throws.
    func withGitHub<Result>(
        _ address: RepositoryAddress,
        token: String,
        _ target: Target,
        _ body: (GitHubRepository) async throws -> Result
    ) async throws -> Result {
        let (owner, name) = try address.ownerAndName()
        return try await with(try GitHubRepository.endpoint(address, token: token), target) { client in
            try await body(GitHubRepository(client: client, owner: owner, name: name))
        }
    }

    private func token(for target: Target) async throws -> String {
        let found = try await credentials.credentials(.git, for: target.repoURL, project: target.project)
        return found?.password ?? ""
    }

    private func with<Result>(
        _ endpoint: APIClient.Endpoint,
        _ target: Target,
        _ body: (APIClient) async throws -> Result
    ) async throws -> Result {
        var endpoint = endpoint
        endpoint.trustsAnyCertificate = target.trustsAnyCertificate
        return try await APIClient.with(endpoint, proxies: proxies, body)
    }
}
