#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where an API server is and how to be let in.
public struct ClusterConfiguration: Sendable, Hashable {
    /// What proves who is calling.
    public enum Credentials: Sendable, Hashable {
        /// Nothing.
        case anonymous
        /// A bearer token.
        case token(String)
        /// A file that holds a bearer token, read again as it is renewed.
        case tokenFile(String)
        /// A client certificate and its key, both in PEM.
        case certificate(chain: [UInt8], key: [UInt8])
        /// What a program hands out.
        case exec(ExecPlugin)
    }

    /// Whom the server shall take the caller for, if the caller may ask for that.
    public struct Impersonation: Sendable, Hashable {
        /// The name.
        public var user: String
        /// The UID; empty for none.
        public var uid: String
        /// The groups.
        public var groups: [String]
        /// More that authorizers may look at.
        public var extra: [String: [String]]

        /// Makes a description.
        public init(user: String, uid: String = "", groups: [String] = [], extra: [String: [String]] = [:]) {
            self.user = user
            self.uid = uid
            self.groups = groups
            self.extra = extra
        }
    }

    /// The server's address, such as `https://127.0.0.1:6443`.
    public var server: String
    /// The authorities that the server's certificate may come from, in PEM; nil for the system's.
    public var certificateAuthority: [UInt8]?
    /// The file of ``certificateAuthority``, read again as it is replaced; nil where what was read at first stays.
    public var certificateAuthorityFile: String?
    /// The name that the server's certificate must be for, if it is not the one in ``server``.
    public var tlsServerName: String?
    /// Whether any certificate is taken.
    public var skipsVerification: Bool
    /// What proves who is calling.
    public var credentials: Credentials
    /// The namespace for commands that name none.
    public var namespace: String
    /// The proxy through which the server is reached; nil for none.
    public var proxy: Proxy?
    /// Whom the server shall take the caller for; nil for who the caller is.
    public var impersonation: Impersonation?

    /// Makes a configuration.
    public init(
        server: String,
        certificateAuthority: [UInt8]? = nil,
        tlsServerName: String? = nil,
        skipsVerification: Bool = false,
        credentials: Credentials = .anonymous,
        namespace: String = "default"
    ) {
        self.server = server
        self.certificateAuthority = certificateAuthority
        self.tlsServerName = tlsServerName
        self.skipsVerification = skipsVerification
        self.credentials = credentials
        self.namespace = namespace
    }

    /// Finds the configuration as kubectl does: the files of `KUBECONFIG`, else `~/.kube/config`, else the service
    /// account of the Pod that this program runs in.
    ///
    /// The proxy is the one that the kubeconfig names, else that of `HTTPS_PROXY` and `NO_PROXY`.
    ///
    /// - Parameters:
    ///   - environment: The process's environment; credential plugins get it too.
    ///   - context: The context to use instead of the current one.
    /// - Returns: The configuration.
    /// - Throws: ``KubernetesError`` with code `configuration` that names the file and the entry.
    public static func discover(
        environment: [String: String],
        context: String? = nil
    ) throws(KubernetesError) -> ClusterConfiguration {
        var configuration = try find(environment: environment, context: context)
        try configuration.findProxy(in: environment)
        return configuration
    }

    private static func find(
        environment: [String: String],
        context: String?
    ) throws(KubernetesError) -> ClusterConfiguration {
        if let paths = environment["KUBECONFIG"], !paths.isEmpty {
            let files = paths.split(separator: ":").map(String.init)
            return try Kubeconfig(files: files, requiresAll: false, environment: environment)
                .configuration(context: context)
        }
        let home = environment["HOME"] ?? ""
        let file = "\(home)/.kube/config"
        if FileManager.default.fileExists(atPath: file) {
            return try Kubeconfig(files: [file], requiresAll: true, environment: environment)
                .configuration(context: context)
        }
        if let context {
            throw KubernetesError(.configuration, "there is no kubeconfig file with the context \"\(context)\"")
        }
        guard environment["KUBERNETES_SERVICE_HOST"] != nil else {
            throw KubernetesError(
                .configuration,
                "no cluster is configured: set KUBECONFIG to a kubeconfig file, or start a local cluster with "
                    + "\"kargo local up\""
            )
        }
        return try inCluster(environment: environment)
    }

    /// The configuration of a program that runs in a Pod.
    ///
    /// - Parameters:
    ///   - environment: The process's environment.
    ///   - directory: Where the service account is mounted.
    /// - Returns: The configuration.
    /// - Throws: ``KubernetesError`` with code `configuration` that names what is missing.
    public static func inCluster(
        environment: [String: String],
        directory: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    ) throws(KubernetesError) -> ClusterConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else {
            throw KubernetesError(
                .configuration,
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT must be set inside a cluster"
            )
        }
        let authorityFile = "\(directory)/ca.crt"
        let authority = try contents(of: authorityFile)
        let namespace = String(decoding: try contents(of: "\(directory)/namespace"), as: UTF8.self)
            .filter { !$0.isWhitespace }
        var configuration = ClusterConfiguration(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            certificateAuthority: authority,
            credentials: .tokenFile("\(directory)/token"),
            namespace: namespace.isEmpty ? "default" : namespace
        )
        configuration.certificateAuthorityFile = authorityFile
        return configuration
    }

    static func contents(of path: String) throws(KubernetesError) -> [UInt8] {
        do {
            return try Array(Data(contentsOf: URL(filePath: path)))
        } catch {
            throw KubernetesError(.configuration, "\(path) can't be read: \(error)")
        }
    }
}
