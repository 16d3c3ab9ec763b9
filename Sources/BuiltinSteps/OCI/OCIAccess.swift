import KargoCore

/// What steps need to get at registries.
struct OCIAccess: Sendable {
    let sender: HTTPSender
    let credentials: any CredentialsDatabase
    var policy: RegistryPolicy

    /// The repository that a reference is into, in the name of the Project.
    ///
    /// - Throws: ``OCIFailure`` if the credentials can't be had; `CancellationError`.
    func repository(
        of reference: OCIReference,
        project: String,
        clients: OriginClients
    ) async throws -> RegistryRepository {
        let found: RepositoryCredentials?
        do {
            found = try await credentials.credentials(
                reference.isChart ? .helm : .image,
                for: reference.repositoryURL,
                project: project
            )
        } catch {
            try Task.checkCancellation()
            if error is MissingCapability { throw error }
            throw OCIFailure(.unauthorized, "the credentials for \(reference.repositoryURL) can't be had: \(error)")
        }
        let session = RegistrySession(
            registry: reference.registry,
            clients: clients,
            credentials: found,
            policy: policy
        )
        return RegistryRepository(session: session, name: reference.repository)
    }
}
