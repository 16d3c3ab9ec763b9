import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Tokens of installations of GitHub Apps, each for one repository.
struct GitHubAppCredentials: CredentialProvider {
    private enum Field {
        static let clientID = "githubAppClientID"
        static let appID = "githubAppID"
        static let installationID = "githubAppInstallationID"
        static let privateKey = "githubAppPrivateKey"

        static let all = [clientID, appID, installationID, privateKey]
    }

    /// A repository of GitHub, or of a GitHub Enterprise Server.
    private struct Repository {
        let api: String
        let owner: String
        let name: String

        /// Nothing if the address is not that of a repository.
        init?(_ url: String) {
            let parts = RepositoryURL.normalizedGit(url).split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count >= 5, let name = parts.last, !name.isEmpty, !parts[3].isEmpty else { return nil }
            let isPublic = parts[2] == "github.com"
            api = isPublic ? "\(parts[0])//api.github.com" : "\(parts[0])//\(parts[2])/api/v3"
            owner = String(parts[3])
            self.name = String(name)
        }
    }

    static let scopesAnnotation = "kargo.akuity.io/github-token-scopes"
    /// How long a token counts whose end GitHub does not say.
    private static let standardLifetime = 40.0 * 60
    /// How long before its end a token is no longer given out.
    private static let margin = 5.0 * 60
    /// The pauses before a new token is tried again, which is not known everywhere at once.
    private static let pauses: [Duration] = [.seconds(3), .seconds(10), .seconds(30)]

    let cloud: CloudAccess
    private let tokens = ExpiringCache<String>()

    init(cloud: CloudAccess) { self.cloud = cloud }

    func supports(_ request: CredentialRequest) -> Bool {
        guard request.type == .git, let secret = request.secret else { return false }
        let url = RepositoryURL.normalizedGit(request.url)
        return (url.hasPrefix("https://") || url.hasPrefix("http://")) && Field.all.contains(where: secret.contains)
    }

    func credentials(for request: CredentialRequest) async throws -> RepositoryCredentials? {
        guard let secret = request.secret, let repository = Repository(request.url) else { return nil }
        let issuer = try secret.text(Field.clientID) ?? secret.required(Field.appID)
        let installation = try secret.required(Field.installationID)
        guard installation.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else {
            throw secret.failure(Field.installationID, "is not a number")
        }
        let key = try privateKey(of: secret)
        guard try Self.isAllowed(repository.name, request.project, secret) else { return nil }
        let cacheKey = ExpiringCache<String>
            .key([repository.api, repository.owner, repository.name, issuer, installation, key])
        if let token = tokens.value(cacheKey, at: cloud.now()) { return Self.credentials(token) }
        let moment = cloud.now()
        let (token, expiry) = try await newToken(for: repository, issuer, installation, key, secret)
        try await waitUntilKnown(token, repository)
        let lifetime = expiry.map { $0.timeIntervalSince(moment) - Self.margin } ?? Self.standardLifetime
        tokens.store(token, for: cacheKey, at: moment, seconds: lifetime)
        return Self.credentials(token)
    }

    private static func credentials(_ token: String) -> RepositoryCredentials {
        RepositoryCredentials(username: "kargo", password: token)
    }

    private func privateKey(of secret: CredentialSecret) throws(CredentialsFailure) -> String {
        let text = try secret.required(Field.privateKey)
        if text.contains("-----BEGIN") { return text }
        guard let data = Data(base64Encoded: text, options: .ignoreUnknownCharacters),
            let key = String(validating: data, as: UTF8.self), key.contains("-----BEGIN")
        else { throw secret.failure(Field.privateKey, "is neither PEM nor PEM in base64") }
        return key
    }

    /// Whether the Secret may be used for a repository by a Project.
    private static func isAllowed(
        _ repository: String,
        _ project: String,
        _ secret: CredentialSecret
    ) throws(CredentialsFailure) -> Bool {
        guard let text = secret.annotations[scopesAnnotation], !text.isEmpty else { return true }
        guard let scopes = try? JSONValue(parsing: Array(text.utf8)), let projects = scopes.objectValue,
            projects.values.allSatisfy({ $0.arrayValue?.allSatisfy { $0.stringValue != nil } ?? false })
        else {
            throw secret.failure("annotation \(scopesAnnotation)", "does not map Projects to lists of repositories")
        }
        let allowed = projects[project]?.arrayValue?.compactMap(\.stringValue) ?? []
        return allowed.contains { $0.lowercased() == repository }
    }

    private func newToken(
        for repository: Repository,
        _ issuer: String,
        _ installation: String,
        _ key: String,
        _ secret: CredentialSecret
    ) async throws -> (token: String, expiry: Date?) {
        let moment = Int64(cloud.now().timeIntervalSince1970)
        let claims: JSONValue = [
            // A clock that runs ahead must not spoil the token; GitHub allows for ten minutes.
            "iat": .int(moment - 60), "exp": .int(moment + 540), "iss": .string(issuer),
        ]
        let webToken: String
        do throws(JSONWebToken.KeyError) {
            webToken = try JSONWebToken.rs256(claims, key: key)
        } catch {
            throw secret.failure(Field.privateKey, "is not an RSA key without a passphrase")
        }
        let body: JSONValue = ["repositories": [.string(repository.name)]]
        let purpose = "get a token of the GitHub App for \(repository.owner)/\(repository.name)"
        let answer = try await cloud.object(
            CloudRequest(
                "POST",
                "\(repository.api)/app/installations/\(installation)/access_tokens",
                headers: Self.headers(webToken) + [("Content-Type", "application/json")],
                body: body.serialized()
            ),
            to: purpose
        )
        guard let token = answer["token"]?.stringValue, !token.isEmpty else {
            throw CredentialsFailure("can't \(purpose): there is none in the answer")
        }
        let expiry = answer["expires_at"]?.stringValue.flatMap { try? KubernetesTime($0).date }
        return (token, expiry)
    }

    private func waitUntilKnown(_ token: String, _ repository: Repository) async throws {
        let request = CloudRequest(
            "GET",
            "\(repository.api)/repos/\(repository.owner)/\(repository.name)",
            headers: Self.headers(token)
        )
        let purpose = "use a new token of the GitHub App for \(repository.owner)/\(repository.name)"
        var response = try await cloud.send(request, to: purpose)
        for pause in Self.pauses where response.status != 200 {
            try await cloud.sleep(pause)
            response = try await cloud.send(request, to: purpose)
        }
        guard response.status == 200 else { throw cloud.refusal(response, to: purpose) }
    }

    private static func headers(_ token: String) -> [(String, String)] {
        [
            ("Accept", "application/vnd.github+json"), ("Authorization", "Bearer \(token)"),
            ("X-GitHub-Api-Version", "2022-11-28"),
        ]
    }
}
