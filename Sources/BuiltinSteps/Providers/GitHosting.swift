import KargoCore

/// A service that hosts git repositories.
enum GitHosting: String, Sendable, Hashable, CaseIterable, Decodable {
    case azure
    case bitbucket
    case gitea
    case github
    case gitlab

    /// The service that a host is known to be of; nil if it could be any.
    init?(of address: RepositoryAddress) {
        guard !address.isSCP else { return nil }
        let host = address.host
        switch host {
        case _ where host.contains("github") || host.hasSuffix(".ghe.com"): self = .github
        case _ where host.contains("gitlab"): self = .gitlab
        case _ where host.contains("gitea"): self = .gitea
        case "dev.azure.com", "ssh.dev.azure.com",
            _ where host.hasSuffix(".visualstudio.com"):
            self = .azure
        case "bitbucket.org": self = .bitbucket
        default: return nil
        }
    }

    /// The page of a commit.
    ///
    /// - Throws: ``ProviderRefusal`` if the path is not one of this service.
    func commitURL(_ commit: String, in address: RepositoryAddress) throws(ProviderRefusal) -> String {
        switch self {
        case .azure: try AzureRepository(address).webURL + "/commit/" + commit.percentEncoded
        case .bitbucket: address.url(address.path + ["commits", commit])
        case .gitea, .github: address.url(address.path + ["commit", commit])
        case .gitlab: address.url(address.path + ["-", "commit", commit])
        }
    }

    /// The page of a commit, where the service is known or named.
    ///
    /// - Parameters:
    ///   - commit: The commit.
    ///   - repository: The URL of its repository.
    ///   - hosting: The service; nil for the one that the URL shows.
    /// - Returns: The URL; nil if nobody knows the service.
    static func commitURL(_ commit: String, in repository: String, hosting: GitHosting? = nil) -> String? {
        guard let address = try? RepositoryAddress(repository), let hosting = hosting ?? GitHosting(of: address) else {
            return nil
        }
        return try? hosting.commitURL(commit, in: address)
    }
}
