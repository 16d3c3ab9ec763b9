import KargoCore

/// Passwords of ECR, got with the identity that AWS gives to the controller's Pod.
///
/// The controller takes on a role of the Project, in the registry's account or else in its own; where it may not, it
/// remains what it is.
struct ECRAmbientCredentials: CredentialProvider {
    let cloud: CloudAccess
    let settings: CredentialsSettings.AWS
    private let passwords = ExpiringCache<RepositoryCredentials>()

    init(cloud: CloudAccess, settings: CredentialsSettings.AWS) {
        self.cloud = cloud
        self.settings = settings
    }

    func supports(_ request: CredentialRequest) -> Bool {
        request.isForRegistry && settings.isConfigured && ECRRegistry(request.registryAddress) != nil
    }

    func credentials(for request: CredentialRequest) async throws -> RepositoryCredentials? {
        guard let registry = ECRRegistry(request.registryAddress) else { return nil }
        let cacheKey = ExpiringCache<RepositoryCredentials>.key([registry.account, registry.region, request.project])
        let moment = cloud.now()
        if let known = passwords.value(cacheKey, at: moment) { return known }
        let identity = AWSIdentity(cloud: cloud, settings: settings, region: registry.region)
        let ownKey = try await identity.ownKey()
        guard let found = try await password(registry, request.project, identity, ownKey) else { return nil }
        passwords.store(found, for: cacheKey, at: moment, seconds: ECRRegistry.lifetime)
        return found
    }

    private func password(
        _ registry: ECRRegistry,
        _ project: String,
        _ identity: AWSIdentity,
        _ ownKey: AWSSignature.Key
    ) async throws -> RepositoryCredentials? {
        let role = "kargo-project-\(project)"
        let ownAccount = try await identity.account(of: ownKey)
        for account in registry.account == ownAccount ? [ownAccount] : [registry.account, ownAccount] {
            if let key = try await identity.key(ofRole: role, account: account, by: ownKey),
                let found = try await ECRRegistry.password(key, region: registry.region, cloud)
            {
                return found
            }
        }
        return try await ECRRegistry.password(ownKey, region: registry.region, cloud)
    }
}
