public import KubernetesClient

extension ControllerSettings {
    /// Where Argo CD is.
    public struct ArgoCD: Sendable, Hashable {
        /// The kubeconfig of its cluster: `ARGOCD_KUBECONFIG`; nil if it is Kargo's own.
        public let kubeconfig: String?
        /// Where Applications are whose namespace nobody names: `ARGOCD_NAMESPACE`.
        public let namespace: String
        /// Whether only Applications there are watched: `ARGOCD_WATCH_ARGOCD_NAMESPACE_ONLY`.
        public let watchesNamespaceOnly: Bool

        /// Reads an environment; nil if `ARGOCD_INTEGRATION_ENABLED` is false.
        init?(_ reader: Reader) throws(Failure) {
            guard try reader.flag("ARGOCD_INTEGRATION_ENABLED") ?? true else { return nil }
            kubeconfig = reader.text("ARGOCD_KUBECONFIG")
            namespace = reader.text("ARGOCD_NAMESPACE") ?? "argocd"
            watchesNamespaceOnly = try reader.flag("ARGOCD_WATCH_ARGOCD_NAMESPACE_ONLY") ?? false
        }

        /// Where the cluster is, if it is another one than Kargo's.
        ///
        /// - Parameter environment: The process's environment, of which only `KUBECONFIG` is another one for it:
        ///   credential plugins need the rest, and proxies are named there.
        /// - Returns: Where it is, and how to be let in; nil for Kargo's own.
        /// - Throws: `KubernetesError` with code `configuration`.
        public func cluster(environment: [String: String]) throws(KubernetesError) -> ClusterConfiguration? {
            guard let kubeconfig else { return nil }
            var environment = environment
            environment["KUBECONFIG"] = kubeconfig
            return try ClusterConfiguration.discover(environment: environment)
        }
    }

    /// In whose name commits are made, unless the ClusterConfig says.
    public struct GitClient: Sendable, Hashable {
        /// `GITCLIENT_NAME`; empty for Kargo's own.
        public let name: String
        /// `GITCLIENT_EMAIL`; empty for Kargo's own.
        public let email: String
        /// A file with a private OpenPGP key: `GITCLIENT_SIGNING_KEY_PATH`; empty for unsigned commits.
        public let signingKeyPath: String

        init(_ reader: Reader) throws(Failure) {
            name = reader.text("GITCLIENT_NAME") ?? ""
            email = reader.text("GITCLIENT_EMAIL") ?? ""
            signingKeyPath = reader.text("GITCLIENT_SIGNING_KEY_PATH") ?? ""
            let type = reader.text("GITCLIENT_SIGNING_KEY_TYPE") ?? "gpg"
            guard type == "gpg" else { throw reader.failure("GITCLIENT_SIGNING_KEY_TYPE", type, "gpg") }
        }
    }
}
