import KargoCore

/// Tokens of Azure Container Registry, got with the identity that Azure gives to the controller's Pod.
struct ACRAmbientCredentials: CredentialProvider {
    private static let resource = "https://containerregistry.azure.net"
    /// The user that goes with a refresh token.
    private static let username = "00000000-0000-0000-0000-000000000000"
    /// How long a token is remembered; it counts for three hours.
    private static let lifetime = 150.0 * 60
    /// How long it is remembered that this is not Azure.
    private static let patience = 12.0 * 3600

    let cloud: CloudAccess
    let settings: CredentialsSettings.Azure
    private let tokens = ExpiringCache<String>()
    private let absence = ExpiringCache<Void>()

    init(cloud: CloudAccess, settings: CredentialsSettings.Azure) {
        self.cloud = cloud
        self.settings = settings
    }

    func supports(_ request: CredentialRequest) -> Bool {
        request.isForRegistry && Self.registry(request.registryAddress) != nil
    }

    func credentials(for request: CredentialRequest) async throws -> RepositoryCredentials? {
        guard let registry = Self.registry(request.registryAddress) else { return nil }
        let key = ExpiringCache<String>.key([registry])
        let moment = cloud.now()
        if let known = tokens.value(key, at: moment) { return Self.credentials(known) }
        guard let identity = try await identityToken() else { return nil }
        let purpose = "get a token of the registry \(registry)"
        var fields = [("grant_type", "access_token"), ("service", registry), ("access_token", identity)]
        if let tenant = settings.tenantID { fields.append(("tenant", tenant)) }
        let response = try await cloud.send(
            CloudRequest(
                "POST",
                "https://\(registry)/oauth2/exchange",
                headers: [FormBody.contentType],
                body: FormBody.bytes(fields)
            ),
            to: purpose
        )
        // A registry that does not know the controller may have public images.
        if [401, 403].contains(response.status) { return nil }
        guard let token = try cloud.object(response, to: purpose)["refresh_token"]?.stringValue, !token.isEmpty else {
            throw CredentialsFailure("can't \(purpose): there is none in the answer")
        }
        tokens.store(token, for: key, at: moment, seconds: Self.lifetime)
        return Self.credentials(token)
    }

    private static func credentials(_ token: String) -> RepositoryCredentials {
        RepositoryCredentials(username: username, password: token)
    }

    /// The host of the registry that an address is in; nil if it is not one of Azure's.
    private static func registry(_ address: String) -> String? {
        guard let slash = address.firstIndex(of: "/") else { return nil }
        let host = address[..<slash]
        let name = host.prefix { $0 != "." }
        let isName = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-")
        }
        return !name.isEmpty && isName && host.dropFirst(name.count) == ".azurecr.io" ? String(host) : nil
    }

    /// A token that says who the controller is; nil if nobody in Azure knows it.
    private func identityToken() async throws -> String? {
        if let client = settings.clientID, let tenant = settings.tenantID, let file = settings.federatedTokenFile {
            return try await workloadIdentityToken(client, tenant, try cloud.file(file))
        }
        return try await managedIdentityToken()
    }

    private func workloadIdentityToken(_ client: String, _ tenant: String, _ assertion: String) async throws -> String {
        let purpose = "get the controller's token of Azure"
        let authority = settings.authority.hasSuffix("/") ? settings.authority : settings.authority + "/"
        let answer = try await cloud.object(
            CloudRequest(
                "POST",
                "\(authority)\(tenant)/oauth2/v2.0/token",
                headers: [FormBody.contentType],
                body: FormBody.bytes([
                    ("client_id", client), ("grant_type", "client_credentials"),
                    ("scope", "\(Self.resource)/.default"),
                    ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                    ("client_assertion", assertion),
                ])
            ),
            to: purpose
        )
        guard let token = answer["access_token"]?.stringValue, !token.isEmpty else {
            throw CredentialsFailure("can't \(purpose): there is none in the answer")
        }
        return token
    }

    private func managedIdentityToken() async throws -> String? {
        let key = ExpiringCache<Void>.key([])
        guard absence.value(key, at: cloud.now()) == nil else { return nil }
        var url = "\(settings.metadataURL)/metadata/identity/oauth2/token?api-version=2018-02-01"
        url += "&resource=\(Self.resource.percentEncoded)"
        if let client = settings.clientID { url += "&client_id=\(client.percentEncoded)" }
        do {
            let purpose = "get the managed identity's token of Azure"
            let answer = try await cloud.object(
                .ofMachine(url, headers: [("Metadata", "true")], timeout: .seconds(3)),
                to: purpose
            )
            return answer["access_token"]?.stringValue
        } catch is CredentialsFailure {
            absence.store((), for: key, at: cloud.now(), seconds: Self.patience)
            return nil
        }
    }
}
