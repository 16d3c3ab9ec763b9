import KargoCore

/// Tokens of Google Cloud, got with the identity that it gives to the controller's Pod.
///
/// The controller takes on the Project's service account; where it may not, it remains what it is.
struct GARAmbientCredentials: CredentialProvider {
    /// How long it is remembered that a service account can't be taken on, or that this is not Google Cloud.
    private static let patience = 12.0 * 3600

    let cloud: CloudAccess
    let metadataHost: String
    private let tokens = ExpiringCache<String>()
    /// The project of Google Cloud; nil if there is none to ask.
    private let places = ExpiringCache<String?>()
    private let refusals = ExpiringCache<Void>()

    init(cloud: CloudAccess, metadataHost: String) {
        self.cloud = cloud
        self.metadataHost = metadataHost
    }

    func supports(_ request: CredentialRequest) -> Bool {
        request.isForRegistry && GAR.isRegistry(request.registryAddress)
    }

    func credentials(for request: CredentialRequest) async throws -> RepositoryCredentials? {
        let key = ExpiringCache<String>.key([request.project])
        let moment = cloud.now()
        if let known = tokens.value(key, at: moment) { return GAR.credentials(known) }
        guard let place = try await place() else { return nil }
        let own = try await ownToken()
        var token = own.token
        var lifetime = min(GAR.lifetime, own.lifetime)
        if refusals.value(key, at: moment) == nil {
            if let other = try await projectToken(request.project, place, by: own.token) {
                token = other
                lifetime = GAR.lifetime
            } else {
                refusals.store((), for: key, at: moment, seconds: Self.patience)
            }
        }
        tokens.store(token, for: key, at: moment, seconds: lifetime)
        return GAR.credentials(token)
    }

    /// The project of Google Cloud that the controller runs in; nil if it runs elsewhere.
    private func place() async throws -> String? {
        let key = ExpiringCache<String?>.key([])
        if let known = places.value(key, at: cloud.now()) { return known }
        var found: String?
        do {
            let response = try await metadata("project/project-id", to: "find out the project of Google Cloud")
            if response.status == 200 { found = String(validating: response.body, as: UTF8.self) }
        } catch is CredentialsFailure {
            // There is nobody to ask outside of Google Cloud.
        }
        places.store(found, for: key, at: cloud.now(), seconds: Self.patience)
        return found
    }

    private func ownToken() async throws -> (token: String, lifetime: Double) {
        let purpose = "get the controller's token of Google Cloud"
        let answer = try cloud.object(
            try await metadata("instance/service-accounts/default/token", to: purpose),
            to: purpose
        )
        guard let token = answer["access_token"]?.stringValue, !token.isEmpty else {
            throw CredentialsFailure("can't \(purpose): there is none in the answer")
        }
        return (token, (answer["expires_in"]?.intValue.map(Double.init) ?? 3600) - 300)
    }

    private func projectToken(_ project: String, _ place: String, by token: String) async throws -> String? {
        let account = "kargo-project-\(project)@\(place).iam.gserviceaccount.com"
        let purpose = "get a token of Google Cloud for \(account)"
        let body: JSONValue = ["scope": [.string(GAR.scope)]]
        let response = try await cloud.send(
            CloudRequest(
                "POST",
                "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/\(account):generateAccessToken",
                headers: [("Authorization", "Bearer \(token)"), ("Content-Type", "application/json")],
                body: body.serialized()
            ),
            to: purpose
        )
        if [400, 403, 404].contains(response.status) { return nil }
        return try cloud.object(response, to: purpose)["accessToken"]?.stringValue
    }

    private func metadata(_ path: String, to purpose: String) async throws -> CloudResponse {
        try await cloud.send(
            .ofMachine(
                "http://\(metadataHost)/computeMetadata/v1/\(path)",
                headers: [("Metadata-Flavor", "Google")],
                timeout: .seconds(3)
            ),
            to: purpose
        )
    }
}
