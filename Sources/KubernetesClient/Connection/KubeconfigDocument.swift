import KargoCore

// The entries of a kubeconfig file; the fields mean what the Kubernetes reference says of them (kubectl, v1).
extension Kubeconfig {
    struct Document: Decodable {
        var currentContext: String?
        var clusters: [NamedCluster]?
        var contexts: [NamedContext]?
        var users: [NamedUser]?

        enum CodingKeys: String, CodingKey {
            case currentContext = "current-context"
            case clusters
            case contexts
            case users
        }
    }

    struct NamedCluster: Decodable {
        var name: String
        var cluster: Cluster
        /// The file that it stands in, from whose directory relative paths start.
        var file: String?
    }

    struct NamedContext: Decodable {
        var name: String
        var context: Context
        /// The file that it stands in.
        var file: String?
    }

    struct NamedUser: Decodable {
        var name: String
        var user: User?
        /// The file that it stands in, from whose directory relative paths start.
        var file: String?
    }

    struct Cluster: Decodable {
        var server: String?
        var certificateAuthority: String?
        var certificateAuthorityData: String?
        var insecureSkipTLSVerify: Bool?
        var tlsServerName: String?
        var proxyURL: String?
        var extensions: [NamedExtension]?

        enum CodingKeys: String, CodingKey {
            case server
            case certificateAuthority = "certificate-authority"
            case certificateAuthorityData = "certificate-authority-data"
            case insecureSkipTLSVerify = "insecure-skip-tls-verify"
            case tlsServerName = "tls-server-name"
            case proxyURL = "proxy-url"
            case extensions
        }

        /// What plugins are told of the cluster that only they understand.
        var pluginConfiguration: JSONValue? {
            extensions?.first { $0.name == "client.authentication.k8s.io/exec" }?.extension
        }
    }

    struct NamedExtension: Decodable {
        var name: String
        var `extension`: JSONValue?
    }

    struct Context: Decodable {
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    struct User: Decodable {
        var token: String?
        var tokenFile: String?
        var clientCertificate: String?
        var clientCertificateData: String?
        var clientKey: String?
        var clientKeyData: String?
        var username: String?
        var password: String?
        var exec: Exec?
        var authProvider: JSONValue?
        var impersonatedUser: String?
        var impersonatedUID: String?
        var impersonatedGroups: [String]?
        var impersonatedExtra: [String: [String]]?

        enum CodingKeys: String, CodingKey {
            case token
            case tokenFile
            case clientCertificate = "client-certificate"
            case clientCertificateData = "client-certificate-data"
            case clientKey = "client-key"
            case clientKeyData = "client-key-data"
            case username
            case password
            case exec
            case authProvider = "auth-provider"
            case impersonatedUser = "as"
            case impersonatedUID = "as-uid"
            case impersonatedGroups = "as-groups"
            case impersonatedExtra = "as-user-extra"
        }
    }

    struct Exec: Decodable {
        struct Variable: Decodable {
            var name: String
            var value: String?
        }

        var apiVersion: String?
        var command: String?
        var args: [String]?
        var env: [Variable]?
        var installHint: String?
        var provideClusterInfo: Bool?
        var interactiveMode: String?
    }
}
