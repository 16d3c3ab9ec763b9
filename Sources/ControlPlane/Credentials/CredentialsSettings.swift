import KargoCore

/// What the environment of a controller says about credentials; the names are those of Kargo's controller and of the
/// clouds.
public struct CredentialsSettings: Sendable, Hashable {
    /// A variable that can't be understood.
    public struct Failure: Error, Hashable, CustomStringConvertible {
        /// The variable, its value and what it must be.
        public let description: String
    }

    /// How the controller gets credentials of AWS.
    public struct AWS: Sendable, Hashable {
        /// Where EKS Pod Identity gives them: `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
        public var containerCredentialsURL: String?
        /// The token to show there: `AWS_CONTAINER_AUTHORIZATION_TOKEN`.
        public var containerToken: String?
        /// The file of that token: `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
        public var containerTokenFile: String?
        /// The role of the service account: `AWS_ROLE_ARN`.
        public var roleARN: String?
        /// The file of the service account's token: `AWS_WEB_IDENTITY_TOKEN_FILE`.
        public var webIdentityTokenFile: String?
        /// The region whose token service is asked: `AWS_REGION`, `AWS_DEFAULT_REGION`.
        public var region: String?

        /// Whether there is any way to credentials.
        public var isConfigured: Bool {
            containerCredentialsURL != nil || roleARN != nil && webIdentityTokenFile != nil
        }
    }

    /// How the controller gets tokens of Azure.
    public struct Azure: Sendable, Hashable {
        /// The application or managed identity: `AZURE_CLIENT_ID`.
        public var clientID: String?
        /// The tenant: `AZURE_TENANT_ID`.
        public var tenantID: String?
        /// The file of the service account's token: `AZURE_FEDERATED_TOKEN_FILE`.
        public var federatedTokenFile: String?
        /// Where tokens are given: `AZURE_AUTHORITY_HOST`.
        public var authority: String
        /// Where a machine of Azure gets its own: `AZURE_POD_IDENTITY_AUTHORITY_HOST`.
        public var metadataURL: String
    }

    /// Whether there are credentials at all: `CREDENTIAL_PROVIDERS_ENABLED`.
    public var isEnabled: Bool
    /// Where the Secrets for all Projects are: `SHARED_RESOURCES_NAMESPACE`.
    public var sharedNamespace: String
    /// Whether there are credentials for addresses with `http://`: `ALLOW_CREDENTIALS_OVER_HTTP`.
    public var allowsPlainHTTP: Bool
    /// AWS.
    public var aws: AWS
    /// Where a machine of Google Cloud asks about itself: `GCE_METADATA_HOST`.
    public var googleMetadataHost: String
    /// Azure.
    public var azure: Azure
    /// Whether there are only those that Secrets of the Project hold: none for all Projects, and none that the
    /// controller's surroundings give.
    public var isProjectOnly = false

    /// The same, but only for what Secrets of the Project hold.
    public var projectOnly: CredentialsSettings {
        var settings = self
        settings.isProjectOnly = true
        return settings
    }

    /// Reads an environment; an empty variable is one that is not there.
    ///
    /// - Throws: ``Failure``.
    public init(environment: [String: String]) throws(Failure) {
        let text = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        isEnabled = try Self.flag("CREDENTIAL_PROVIDERS_ENABLED", environment) ?? true
        sharedNamespace = text("SHARED_RESOURCES_NAMESPACE") ?? "kargo-shared-resources"
        allowsPlainHTTP = try Self.flag("ALLOW_CREDENTIALS_OVER_HTTP", environment) ?? false
        aws = AWS(
            containerCredentialsURL: text("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
            containerToken: text("AWS_CONTAINER_AUTHORIZATION_TOKEN"),
            containerTokenFile: text("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
            roleARN: text("AWS_ROLE_ARN"),
            webIdentityTokenFile: text("AWS_WEB_IDENTITY_TOKEN_FILE"),
            region: text("AWS_REGION") ?? text("AWS_DEFAULT_REGION")
        )
        googleMetadataHost = text("GCE_METADATA_HOST") ?? "169.254.169.254"
        azure = Azure(
            clientID: text("AZURE_CLIENT_ID"),
            tenantID: text("AZURE_TENANT_ID"),
            federatedTokenFile: text("AZURE_FEDERATED_TOKEN_FILE"),
            authority: text("AZURE_AUTHORITY_HOST") ?? "https://login.microsoftonline.com/",
            metadataURL: text("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? "http://169.254.169.254"
        )
    }

    /// A truth value as Go's `strconv.ParseBool` reads it.
    private static func flag(_ name: String, _ environment: [String: String]) throws(Failure) -> Bool? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let flag = GoNumber.parseBool(text) else {
            throw Failure(description: "\(name) is \"\(text)\"; it must be true or false")
        }
        return flag
    }
}
