import KargoCore

/// Passwords of ECR, got with a key of AWS that a Secret has.
struct ECRKeyCredentials: CredentialProvider {
    private enum Field {
        static let region = "awsRegion"
        static let keyID = "awsAccessKeyID"
        static let secretKey = "awsSecretAccessKey"

        static let all = [region, keyID, secretKey]
    }

    let cloud: CloudAccess
    private let passwords = ExpiringCache<RepositoryCredentials>()

    init(cloud: CloudAccess) { self.cloud = cloud }

    func supports(_ request: CredentialRequest) -> Bool {
        guard request.isForRegistry, let secret = request.secret else { return false }
        return ECRRegistry(request.registryAddress) != nil && Field.all.contains(where: secret.contains)
    }

    func credentials(for request: CredentialRequest) async throws -> RepositoryCredentials? {
        guard let secret = request.secret else { return nil }
        let region = try secret.required(Field.region)
        let key = AWSSignature.Key(
            id: try secret.required(Field.keyID),
            secret: try secret.required(Field.secretKey)
        )
        guard ECRRegistry.isRegion(region) else { throw secret.failure(Field.region, "is not a region of AWS") }
        let cacheKey = ExpiringCache<RepositoryCredentials>.key([region, key.id, key.secret])
        let moment = cloud.now()
        if let known = passwords.value(cacheKey, at: moment) { return known }
        guard let found = try await ECRRegistry.password(key, region: region, cloud) else {
            throw secret.failure(Field.keyID, "names a key that may not get a password of ECR")
        }
        passwords.store(found, for: cacheKey, at: moment, seconds: ECRRegistry.lifetime)
        return found
    }
}
