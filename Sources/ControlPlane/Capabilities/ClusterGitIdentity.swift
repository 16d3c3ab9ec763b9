public import KargoCore
public import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The identity that the operator gave commits: by the ClusterConfig, else by the environment of the controller.
public struct ClusterGitIdentity: GitIdentity {
    /// What the environment says; all of it may be empty.
    public struct Settings: Sendable, Hashable {
        /// `GITCLIENT_NAME`.
        public var name: String
        /// `GITCLIENT_EMAIL`.
        public var email: String
        /// `GITCLIENT_SIGNING_KEY_PATH`: a file with a private OpenPGP key.
        public var signingKeyPath: String

        /// Makes settings.
        public init(name: String = "", email: String = "", signingKeyPath: String = "") {
            self.name = name
            self.email = email
            self.signingKeyPath = signingKeyPath
        }
    }

    private static let keyName = "signingKey"

    private let api: any KubernetesAPI
    private let systemNamespace: String
    private let settings: Settings
    private let patience: Backoff

    /// Makes a resolver, which looks anew each time.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - systemNamespace: Where the Secret of a signing key is.
    ///   - settings: What the environment says.
    ///   - patience: The pauses before a server is asked again that is too busy or can't be reached.
    public init(
        api: any KubernetesAPI,
        systemNamespace: String,
        settings: Settings,
        patience: Backoff = Backoff(first: .milliseconds(100), longest: .seconds(10))
    ) {
        self.api = api
        self.systemNamespace = systemNamespace
        self.settings = settings
        self.patience = patience
    }

    /// The identity.
    public func gitUser() async throws -> GitUser {
        let client = try await configuredClient()
        var user = GitUser.kargo
        user.name = client?["name"]?.nonEmptyString ?? settings.name.nonEmpty ?? user.name
        user.email = client?["email"]?.nonEmptyString ?? settings.email.nonEmpty ?? user.email
        if let secret = client?[path: "signingKeySecret", "name"]?.nonEmptyString {
            user.signingKey = try await key(ofSecret: secret)
        } else if let path = settings.signingKeyPath.nonEmpty {
            user.signingKey = try Self.key(ofFile: path)
        }
        return user
    }

    /// `spec.gitClient` of the ClusterConfig; nil without one, or where its kind is not served.
    private func configuredClient() async throws -> JSONValue? {
        do {
            return
                try await patience.retrying { try await api.get(.clusterConfigs, name: "cluster") }[
                    path: "spec",
                    "gitClient"
                ]
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    private func key(ofSecret name: String) async throws -> String {
        let title =
            "Secret \"\(name)\" in namespace \"\(systemNamespace)\", which the ClusterConfig names for signing commits,"
        guard name.isObjectName else { throw ControlPlaneFailure("\(title) can't exist under that name") }
        let objects = KargoObjects(api: api)
        let secret: Secret
        do {
            secret = try await patience.retrying {
                try await objects.read(Secret.self, .secrets, name, systemNamespace)
            }
        } catch let error as KubernetesError where error.code == .notFound {
            throw ControlPlaneFailure("\(title) does not exist")
        }
        guard let bytes = try secret.bytes(forKey: Self.keyName), !bytes.isEmpty else {
            throw ControlPlaneFailure("\(title) has no key \"\(Self.keyName)\"")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func key(ofFile path: String) throws(ControlPlaneFailure) -> String {
        do {
            return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
        } catch {
            throw ControlPlaneFailure("the key that signs commits can't be read from \(path): \(error)")
        }
    }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}

extension JSONValue {
    fileprivate var nonEmptyString: String? { stringValue?.nonEmpty }
}
