import KargoCore

/// A way to credentials.
protocol CredentialProvider: Sendable {
    /// Whether this is the way for a request; of several the first is taken.
    func supports(_ request: CredentialRequest) -> Bool

    /// Gets credentials.
    ///
    /// - Returns: The credentials; nil if there are none.
    /// - Throws: ``CredentialsFailure``; `CancellationError` when the task was cancelled.
    func credentials(for request: CredentialRequest) async throws -> RepositoryCredentials?
}

/// What credentials are asked for.
struct CredentialRequest: Sendable {
    let type: CredentialType
    /// The repository, as users write it.
    let url: String
    let project: String
    /// The Secret that is for the repository, if there is one.
    let secret: CredentialSecret?

    /// The address without scheme, in lower case, as clouds' registries are known by it.
    var registryAddress: String { RepositoryURL.normalizedChart(url) }

    /// Whether the repository is in a registry.
    var isForRegistry: Bool { type == .image || type == .helm }
}
