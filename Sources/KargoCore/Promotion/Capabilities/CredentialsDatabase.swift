/// Knows how to get into repositories.
public protocol CredentialsDatabase: Sendable {
    /// Looks for the credentials of a repository.
    ///
    /// - Parameters:
    ///   - type: What kind of repository it is.
    ///   - url: The repository, as users write it.
    ///   - project: The Project that asks.
    /// - Returns: The credentials; nil if there are none, which a public repository does not need.
    /// - Throws: What keeps them from being found; `CancellationError` when the task was cancelled.
    func credentials(
        _ type: CredentialType,
        for url: String,
        project: String
    ) async throws -> RepositoryCredentials?
}

/// A kind of repository, as the label `kargo.akuity.io/cred-type` of a Secret names it.
public enum CredentialType: String, Sendable, Hashable, Codable {
    /// A git repository.
    case git
    /// A repository of Helm charts.
    case helm
    /// A repository of container images.
    case image

    /// The address of a repository in the form by which it is compared.
    ///
    /// - Parameter url: The repository, as users write it.
    /// - Returns: The form; see ``RepositoryURL``.
    public func normalized(_ url: String) -> String {
        switch self {
        case .git: RepositoryURL.normalizedGit(url)
        case .helm: RepositoryURL.normalizedChart(url)
        case .image: RepositoryURL.normalizedImage(url)
        }
    }
}

/// What opens a repository.
public struct RepositoryCredentials: Sendable, Hashable {
    /// The user; empty if the repository does not ask.
    public var username: String
    /// The password or token; empty with a key.
    public var password: String
    /// A private key for SSH; empty with a password.
    public var sshPrivateKey: String

    /// Makes credentials.
    public init(username: String = "", password: String = "", sshPrivateKey: String = "") {
        self.username = username
        self.password = password
        self.sshPrivateKey = sshPrivateKey
    }
}

/// A database without any credentials.
public struct NoCredentials: CredentialsDatabase {
    /// Makes the database.
    public init() {}

    /// There are none.
    public func credentials(
        _ type: CredentialType,
        for url: String,
        project: String
    ) -> RepositoryCredentials? { nil }
}
