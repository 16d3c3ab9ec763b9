import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the registries of Google Cloud have in common.
enum GAR {
    static let scope = "https://www.googleapis.com/auth/cloud-platform"
    /// How long a token is remembered; it counts for an hour.
    static let lifetime = 40.0 * 60

    /// Whether an address is that of a repository in Container Registry or Artifact Registry.
    static func isRegistry(_ address: String) -> Bool {
        guard let slash = address.firstIndex(of: "/") else { return false }
        let host = address[..<slash]
        if host == "gcr.io" || host.hasSuffix(".gcr.io") { return true }
        return host.hasSuffix("-docker.pkg.dev") && host.count > "-docker.pkg.dev".count
    }

    static func credentials(_ token: String) -> RepositoryCredentials {
        RepositoryCredentials(username: "oauth2accesstoken", password: token)
    }
}

/// Tokens of Google Cloud, got with the key of a service account that a Secret has.
struct GARKeyCredentials: CredentialProvider {
    private static let field = "gcpServiceAccountKey"

    let cloud: CloudAccess
    private let tokens = ExpiringCache<String>()

    init(cloud: CloudAccess) { self.cloud = cloud }

    func supports(_ request: CredentialRequest) -> Bool {
        guard request.isForRegistry, let secret = request.secret else { return false }
        return secret.contains(Self.field) && GAR.isRegistry(request.registryAddress)
    }

    func credentials(for request: CredentialRequest) async throws -> RepositoryCredentials? {
        guard let secret = request.secret else { return nil }
        let text = try secret.required(Self.field)
        let cacheKey = ExpiringCache<String>.key([text])
        let moment = cloud.now()
        if let known = tokens.value(cacheKey, at: moment) { return GAR.credentials(known) }
        let (token, lifetime) = try await newToken(key(text, secret), secret)
        tokens.store(token, for: cacheKey, at: moment, seconds: min(GAR.lifetime, lifetime))
        return GAR.credentials(token)
    }

    private struct Key: Decodable {
        private enum CodingKeys: String, CodingKey {
            case email = "client_email"
            case privateKey = "private_key"
            case keyID = "private_key_id"
            case tokenURL = "token_uri"
        }

        var email: String
        var privateKey: String
        var keyID: String?
        var tokenURL: String?
    }

    private func key(_ text: String, _ secret: CredentialSecret) throws(CredentialsFailure) -> Key {
        guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters),
            let document = try? JSONValue(parsing: Array(data))
        else { throw secret.failure(Self.field, "is not JSON in base64") }
        do throws(FieldError) {
            return try JSONValueDecoder().decode(Key.self, from: document)
        } catch {
            throw secret.failure(Self.field, "is not the key of a service account")
        }
    }

    private func newToken(_ key: Key, _ secret: CredentialSecret) async throws -> (token: String, lifetime: Double) {
        let url = key.tokenURL ?? "https://oauth2.googleapis.com/token"
        // Whoever writes Secrets must not make the controller call anything else.
        guard let host = url.split(separator: "/").dropFirst().first, url.hasPrefix("https://"),
            host.hasSuffix(".googleapis.com"), host.allSatisfy({ $0.isLetter || $0 == "-" || $0 == "." || $0.isNumber })
        else { throw secret.failure(Self.field, "has a token_uri that is not Google's") }
        let moment = Int64(cloud.now().timeIntervalSince1970)
        let claims: JSONValue = [
            "iss": .string(key.email), "scope": .string(GAR.scope), "aud": .string(url),
            "iat": .int(moment), "exp": .int(moment + 3600),
        ]
        let assertion: String
        do throws(JSONWebToken.KeyError) {
            assertion = try JSONWebToken.rs256(claims, keyID: key.keyID, key: key.privateKey)
        } catch {
            throw secret.failure(Self.field, "has a private_key that is not an RSA key")
        }
        let purpose = "get a token of Google Cloud for \(key.email)"
        let answer = try await cloud.object(
            CloudRequest(
                "POST",
                url,
                headers: [FormBody.contentType],
                body: FormBody.bytes([
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", assertion),
                ])
            ),
            to: purpose
        )
        guard let token = answer["access_token"]?.stringValue, !token.isEmpty else {
            throw CredentialsFailure("can't \(purpose): there is none in the answer")
        }
        let seconds = answer["expires_in"]?.intValue.map(Double.init) ?? 3600
        return (token, seconds - 300)
    }
}
