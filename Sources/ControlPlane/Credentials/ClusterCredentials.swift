public import KargoCore
public import KubernetesClient
public import Logging

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The credentials that Secrets of a cluster hold, or that its surroundings give.
///
/// A Secret is for the repository that it names; see the page about credentials. Of those in the Project the ones that
/// name the repository exactly come first, then those with a regular expression, each in order of their names; then
/// the same in the namespace for all Projects. The first one decides, whether it is of use or not.
public struct ClusterCredentials: CredentialsDatabase {
    private let api: any KubernetesAPI
    private let settings: CredentialsSettings
    private let providers: [any CredentialProvider]
    private let logger: Logger

    /// Makes a database.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - settings: What the environment says.
    ///   - transport: What calls GitHub and the clouds; see ``HTTPCloudTransport``.
    ///   - now: The time.
    ///   - sleep: Waits.
    ///   - logger: Hears of regular expressions that are malformed.
    public init(
        api: any KubernetesAPI,
        settings: CredentialsSettings,
        transport: any CloudTransport,
        now: @escaping @Sendable () -> Date = { Date() },
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await ContinuousClock().sleep(for: $0) },
        logger: Logger
    ) {
        self.api = api
        self.settings = settings
        self.logger = logger
        let cloud = CloudAccess(transport: transport, now: now, sleep: sleep)
        // What a Secret says goes before what the surroundings give.
        let ofSecrets: [any CredentialProvider] = [
            BasicCredentials(),
            SSHCredentials(),
            GitHubAppCredentials(cloud: cloud),
            ECRKeyCredentials(cloud: cloud),
            GARKeyCredentials(cloud: cloud),
        ]
        let ofSurroundings: [any CredentialProvider] = [
            ECRAmbientCredentials(cloud: cloud, settings: settings.aws),
            GARAmbientCredentials(cloud: cloud, metadataHost: settings.googleMetadataHost),
            ACRAmbientCredentials(cloud: cloud, settings: settings.azure),
        ]
        providers = ofSecrets + (settings.isProjectOnly ? [] : ofSurroundings)
    }

    /// Looks for the credentials of a repository.
    ///
    /// - Throws: ``CredentialsFailure``; `KubernetesError` if the cluster can't be asked; `CancellationError`.
    public func credentials(
        _ type: CredentialType,
        for url: String,
        project: String
    ) async throws -> RepositoryCredentials? {
        guard settings.isEnabled, settings.allowsPlainHTTP || !RepositoryURL.isPlainHTTP(url) else { return nil }
        let secret = try await secret(type, for: url, project: project)
        let request = CredentialRequest(type: type, url: url, project: project, secret: secret)
        return try await providers.first { $0.supports(request) }?.credentials(for: request)
    }

    private func secret(
        _ type: CredentialType,
        for url: String,
        project: String
    ) async throws -> CredentialSecret? {
        let shared = settings.sharedNamespace
        let namespaces = settings.isProjectOnly || project == shared ? [project] : [project, shared]
        for namespace in namespaces where !namespace.isEmpty {
            let secrets = try await secrets(type, in: namespace)
            if let secret = try exactMatch(secrets, type, url) ?? expressionMatch(secrets, type, url) { return secret }
        }
        return nil
    }

    private func secrets(_ type: CredentialType, in namespace: String) async throws -> [CredentialSecret] {
        let options = ListOptions(labelSelector: "\(KargoAPI.Label.credentialType)=\(type.rawValue)")
        let objects = KargoObjects(api: api)
        return try await api.list(.secrets, namespace: namespace, options: options).items
            .map { CredentialSecret(try objects.decode(Secret.self, $0)) }
            .sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
    }

    private func exactMatch(
        _ secrets: [CredentialSecret],
        _ type: CredentialType,
        _ url: String
    ) throws -> CredentialSecret? {
        let wanted = type.normalized(url)
        return try secrets.first { secret in
            guard let pattern = try pattern(of: secret), !pattern.isExpression else { return false }
            return type.normalized(pattern.text) == wanted
        }
    }

    private func expressionMatch(
        _ secrets: [CredentialSecret],
        _ type: CredentialType,
        _ url: String
    ) throws -> CredentialSecret? {
        let normalized = type.normalized(url)
        return try secrets.first { secret in
            guard let pattern = try pattern(of: secret), pattern.isExpression else { return false }
            do throws(RegularExpressionError) {
                let expression = try RegularExpression(pattern.text)
                return expression.matches(url) || expression.matches(normalized)
            } catch {
                logger.warning(
                    "A Secret with credentials is passed over: its repoURL is no regular expression.",
                    metadata: [
                        "secret.namespace": "\(secret.namespace)", "secret.name": "\(secret.name)", "error": "\(error)",
                    ]
                )
                return false
            }
        }
    }

    /// What a Secret says that it is for; nil if it doesn't say, or so that nobody can read it.
    private func pattern(of secret: CredentialSecret) throws -> (text: String, isExpression: Bool)? {
        do throws(CredentialsFailure) {
            guard let text = try secret.text(CredentialSecret.Key.repoURL) else { return nil }
            return (text, try secret.text(CredentialSecret.Key.repoURLIsRegex) == "true")
        } catch {
            logger.warning(
                "A Secret with credentials is passed over: nobody can tell what it is for.",
                metadata: ["error": "\(error)"]
            )
            return nil
        }
    }
}
