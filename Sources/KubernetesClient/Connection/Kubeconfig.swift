import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The entries of one or several kubeconfig files, merged as kubectl merges them: of entries with one name the first
/// file's counts.
struct Kubeconfig {
    private struct Document: Decodable {
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

    private struct NamedCluster: Decodable {
        var name: String
        var cluster: Cluster
        /// The directory that relative paths of the entry start from.
        var directory: String?
    }

    private struct NamedContext: Decodable {
        var name: String
        var context: Context
    }

    private struct NamedUser: Decodable {
        var name: String
        var user: User?
        /// The directory that relative paths of the entry start from.
        var directory: String?
    }

    private struct Cluster: Decodable {
        var server: String?
        var certificateAuthority: String?
        var certificateAuthorityData: String?
        var insecureSkipTLSVerify: Bool?
        var tlsServerName: String?

        enum CodingKeys: String, CodingKey {
            case server
            case certificateAuthority = "certificate-authority"
            case certificateAuthorityData = "certificate-authority-data"
            case insecureSkipTLSVerify = "insecure-skip-tls-verify"
            case tlsServerName = "tls-server-name"
        }
    }

    private struct Context: Decodable {
        var cluster: String?
        var user: String?
        var namespace: String?
    }

    private struct User: Decodable {
        var token: String?
        var tokenFile: String?
        var clientCertificate: String?
        var clientCertificateData: String?
        var clientKey: String?
        var clientKeyData: String?
        var username: String?
        var password: String?
        var exec: JSONValue?
        var authProvider: JSONValue?

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
        }
    }

    private let files: [String]
    private var currentContext: String?
    private var clusters: [NamedCluster] = []
    private var contexts: [NamedContext] = []
    private var users: [NamedUser] = []

    /// Reads files.
    ///
    /// - Parameters:
    ///   - files: The paths; earlier ones count more.
    ///   - requiresAll: Whether a file that does not exist is an error even if another one does.
    /// - Throws: A file is missing, cannot be read or is not a kubeconfig.
    init(files: [String], requiresAll: Bool) throws(KubernetesError) {
        self.files = files
        let present = requiresAll ? files : files.filter { FileManager.default.fileExists(atPath: $0) }
        guard !present.isEmpty else {
            throw KubernetesError(
                .configuration,
                "KUBECONFIG names \(files.joined(separator: ":")), which does not exist"
            )
        }
        for file in present { try add(file) }
    }

    private mutating func add(_ file: String) throws(KubernetesError) {
        let bytes = try ClusterConfiguration.contents(of: file)
        let document: Document
        do {
            let value = try JSONValue(yaml: String(decoding: bytes, as: UTF8.self))
            if value.isNull { return }
            document = try JSONValueDecoder(convertsScalarsToStrings: true).decode(Document.self, from: value)
        } catch {
            throw KubernetesError(.configuration, "\(file): \(error)")
        }
        let directory = file.contains("/") ? String(file.prefix(upTo: file.lastIndex(of: "/") ?? file.startIndex)) : "."
        if currentContext?.isEmpty ?? true { currentContext = document.currentContext }
        for var entry in document.clusters ?? [] where !clusters.contains(where: { $0.name == entry.name }) {
            entry.directory = directory
            clusters.append(entry)
        }
        for entry in document.contexts ?? [] where !contexts.contains(where: { $0.name == entry.name }) {
            contexts.append(entry)
        }
        for var entry in document.users ?? [] where !users.contains(where: { $0.name == entry.name }) {
            entry.directory = directory
            users.append(entry)
        }
    }

    /// The configuration of a context.
    func configuration(context name: String?) throws(KubernetesError) -> ClusterConfiguration {
        guard let name = name ?? currentContext, !name.isEmpty else {
            throw error("current-context is not set; set it with \"kubectl config use-context NAME\"")
        }
        guard let context = contexts.first(where: { $0.name == name })?.context else {
            throw error("there is no context \"\(name)\"")
        }
        guard let clusterName = context.cluster, let cluster = clusters.first(where: { $0.name == clusterName }) else {
            throw error("context \"\(name)\" names the cluster \"\(context.cluster ?? "")\", which does not exist")
        }
        guard let server = cluster.cluster.server, !server.isEmpty else {
            throw error("cluster \"\(clusterName)\" has no server")
        }
        var configuration = ClusterConfiguration(server: server)
        configuration.certificateAuthority = try material(
            data: cluster.cluster.certificateAuthorityData,
            file: cluster.cluster.certificateAuthority,
            in: cluster.directory,
            "certificate-authority of cluster \"\(clusterName)\""
        )
        configuration.tlsServerName = cluster.cluster.tlsServerName
        configuration.skipsVerification = cluster.cluster.insecureSkipTLSVerify ?? false
        if let namespace = context.namespace, !namespace.isEmpty { configuration.namespace = namespace }
        if let userName = context.user, !userName.isEmpty {
            guard let user = users.first(where: { $0.name == userName }) else {
                throw error("context \"\(name)\" names the user \"\(userName)\", which does not exist")
            }
            configuration.credentials = try credentials(of: user)
        }
        return configuration
    }

    private func credentials(of entry: NamedUser) throws(KubernetesError) -> ClusterConfiguration.Credentials {
        guard let user = entry.user else { return .anonymous }
        let certificate = try material(
            data: user.clientCertificateData,
            file: user.clientCertificate,
            in: entry.directory,
            "client-certificate of user \"\(entry.name)\""
        )
        let key = try material(
            data: user.clientKeyData,
            file: user.clientKey,
            in: entry.directory,
            "client-key of user \"\(entry.name)\""
        )
        switch (certificate, key) {
        case (let chain?, let key?): return .certificate(chain: chain, key: key)
        case (nil, nil): break
        default: throw error("user \"\(entry.name)\" has only one of client-certificate and client-key")
        }
        if let file = user.tokenFile, !file.isEmpty { return .tokenFile(path(file, in: entry.directory)) }
        if let token = user.token, !token.isEmpty { return .token(token) }
        if let name = user.username, !name.isEmpty { return .basic(username: name, password: user.password ?? "") }
        if user.exec != nil || user.authProvider != nil {
            throw error(
                "user \"\(entry.name)\" gets its credentials from a program, which is not supported; give it a token or "
                    + "a client certificate"
            )
        }
        return .anonymous
    }

    private func material(
        data: String?,
        file: String?,
        in directory: String?,
        _ what: String
    ) throws(KubernetesError) -> [UInt8]? {
        if let data, !data.isEmpty {
            guard let bytes = Data(base64Encoded: data) else { throw error("\(what) is not base64") }
            return Array(bytes)
        }
        guard let file, !file.isEmpty else { return nil }
        return try ClusterConfiguration.contents(of: path(file, in: directory))
    }

    private func path(_ file: String, in directory: String?) -> String {
        file.hasPrefix("/") ? file : "\(directory ?? ".")/\(file)"
    }

    private func error(_ message: String) -> KubernetesError {
        KubernetesError(.configuration, "\(files.joined(separator: ":")): \(message)")
    }
}
