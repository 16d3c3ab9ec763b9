import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where an API server is and how to be let in.
public struct ClusterConfiguration: Sendable, Hashable {
    /// What a request says of who is calling.
    public enum Credentials: Sendable, Hashable {
        /// Nothing.
        case anonymous
        /// A bearer token.
        case token(String)
        /// A file that holds a bearer token, read again as it is renewed.
        case tokenFile(String)
        /// What a program hands out.
        case exec(ExecPlugin)
    }

    /// A certificate by which a connection proves who is calling, and its key, both in PEM.
    public struct ClientCertificate: Sendable, Hashable {
        /// The certificate, and those that vouch for it.
        public var chain: [UInt8]
        /// The key.
        public var key: [UInt8]
        /// The file of ``chain``, read again as it is replaced; nil where what was read at first stays.
        public var chainFile: String?
        /// The file of ``key``, read again as it is replaced; nil where what was read at first stays.
        public var keyFile: String?

        /// Makes a certificate that stays.
        public init(chain: [UInt8], key: [UInt8]) {
            self.chain = chain
            self.key = key
        }

        /// The pair as it is in its files now; nil where it is the same, or one of the two is not written yet.
        func renewed() -> ClientCertificate? {
            var renewed = self
            if let chainFile { renewed.chain = (try? contents(of: chainFile)) ?? chain }
            if let keyFile { renewed.key = (try? contents(of: keyFile)) ?? key }
            guard renewed != self, Certificate.matches(.init(certificate: renewed.chain, key: renewed.key)) else {
                return nil
            }
            return renewed
        }
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
    /// What a request says of who is calling.
    public var credentials: Credentials
    /// What a connection proves it with, beside ``credentials``; nil for nothing.
    public var clientCertificate: ClientCertificate?
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

    /// Where a Pod has its service account.
    public static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// Finds the configuration as kubectl does: the files of `KUBECONFIG`, else `~/.kube/config`, else the service
    /// account of the Pod that this program runs in.
    ///
    /// The proxy is the one that the kubeconfig names, else that of `HTTPS_PROXY` and `NO_PROXY`.
    ///
    /// - Parameters:
    ///   - environment: The process's environment; credential plugins get it too.
    ///   - context: The context to use instead of the current one.
    ///   - prefersServiceAccount: Whether a Pod's service account comes before `~/.kube/config`, as for a program whose
    ///     cluster is the one it runs in unless it is told otherwise.
    ///   - directory: Where the service account is mounted.
    /// - Returns: The configuration.
    /// - Throws: ``KubernetesError`` with code `configuration` that names the file and the entry.
    public static func discover(
        environment: [String: String],
        context: String? = nil,
        prefersServiceAccount: Bool = false,
        directory: String = serviceAccountDirectory
    ) throws(KubernetesError) -> ClusterConfiguration {
        let hasFiles = environment["KUBECONFIG"].map { !$0.isEmpty } ?? false
        var configuration: ClusterConfiguration
        if prefersServiceAccount, !hasFiles, isInPod(environment, directory) {
            configuration = try inCluster(environment: environment, directory: directory)
        } else {
            configuration = try find(environment: environment, context: context, directory: directory)
        }
        try configuration.findProxy(in: environment)
        return configuration
    }

    private static func isInPod(_ environment: [String: String], _ directory: String) -> Bool {
        environment["KUBERNETES_SERVICE_HOST"]?.isEmpty == false
            && FileManager.default.fileExists(atPath: "\(directory)/token")
    }

    private static func find(
        environment: [String: String],
        context: String?,
        directory: String
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
        return try inCluster(environment: environment, directory: directory)
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
        directory: String = serviceAccountDirectory
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
