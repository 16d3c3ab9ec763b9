import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension Kubeconfig {
    /// The configuration of a context.
    ///
    /// - Parameter name: The context; nil for the current one.
    /// - Returns: The configuration.
    /// - Throws: ``KubernetesError`` with code `configuration` that names the file, the entry and the field.
    func configuration(context name: String?) throws(KubernetesError) -> ClusterConfiguration {
        guard let name = name ?? currentContext, !name.isEmpty else {
            throw error(nil, "current-context is not set; set it with \"kubectl config use-context NAME\"")
        }
        guard let entry = contexts.first(where: { $0.name == name }) else {
            throw error(nil, "there is no context \"\(name)\"")
        }
        let context = entry.context
        guard let clusterName = context.cluster, let cluster = clusters.first(where: { $0.name == clusterName }) else {
            throw error(
                entry.file,
                "context \"\(name)\" names the cluster \"\(context.cluster ?? "")\", which does not exist"
            )
        }
        var configuration = try configuration(of: cluster)
        if let namespace = context.namespace, !namespace.isEmpty { configuration.namespace = namespace }
        if let userName = context.user, !userName.isEmpty {
            guard let user = users.first(where: { $0.name == userName }) else {
                throw error(entry.file, "context \"\(name)\" names the user \"\(userName)\", which does not exist")
            }
            if let user = user.user { configuration.impersonation = try impersonation(user, userName, entry.file) }
            configuration.clientCertificate = try certificate(of: user)
            configuration.credentials = try credentials(of: user, cluster: cluster.cluster, configuration)
        }
        return configuration
    }

    private func configuration(of entry: NamedCluster) throws(KubernetesError) -> ClusterConfiguration {
        let cluster = entry.cluster
        guard let server = cluster.server, !server.isEmpty else {
            throw error(entry.file, "cluster \"\(entry.name)\" has no server")
        }
        do throws(ServerAddress.Malformed) {
            _ = try ServerAddress(server)
        } catch {
            throw self.error(entry.file, "server of cluster \"\(entry.name)\": \(error)")
        }
        var configuration = ClusterConfiguration(server: server)
        let authority = try material(
            data: cluster.certificateAuthorityData,
            file: cluster.certificateAuthority,
            of: entry.file,
            "certificate-authority of cluster \"\(entry.name)\""
        )
        (configuration.certificateAuthority, configuration.certificateAuthorityFile) = (
            authority?.bytes, authority?.file
        )
        if let name = cluster.tlsServerName, !name.isEmpty { configuration.tlsServerName = name }
        configuration.skipsVerification = cluster.insecureSkipTLSVerify ?? false
        if configuration.skipsVerification, configuration.certificateAuthority != nil {
            throw error(
                entry.file,
                "cluster \"\(entry.name)\" has insecure-skip-tls-verify and a certificate-authority; remove one of them"
            )
        }
        if let proxy = cluster.proxyURL, !proxy.isEmpty {
            let source = "\(entry.file ?? ""): proxy-url of cluster \"\(entry.name)\""
            configuration.proxy = try ClusterConfiguration.Proxy(proxy, source: source)
        }
        return configuration
    }

    private func impersonation(
        _ user: User,
        _ name: String,
        _ file: String?
    ) throws(KubernetesError) -> ClusterConfiguration.Impersonation? {
        let result = ClusterConfiguration.Impersonation(
            user: user.impersonatedUser ?? "",
            uid: user.impersonatedUID ?? "",
            groups: user.impersonatedGroups ?? [],
            extra: user.impersonatedExtra ?? [:]
        )
        if !result.user.isEmpty { return result }
        guard result.uid.isEmpty, result.groups.isEmpty, result.extra.isEmpty else {
            throw error(file, "user \"\(name)\" has as-uid, as-groups or as-user-extra, which need \"as\"")
        }
        return nil
    }

    private func certificate(
        of entry: NamedUser
    ) throws(KubernetesError) -> ClusterConfiguration.ClientCertificate? {
        guard let user = entry.user else { return nil }
        let certificate = try material(
            data: user.clientCertificateData,
            file: user.clientCertificate,
            of: entry.file,
            "client-certificate of user \"\(entry.name)\""
        )
        let key = try material(
            data: user.clientKeyData,
            file: user.clientKey,
            of: entry.file,
            "client-key of user \"\(entry.name)\""
        )
        switch (certificate, key) {
        case (let chain?, let key?):
            var pair = ClusterConfiguration.ClientCertificate(chain: chain.bytes, key: key.bytes)
            (pair.chainFile, pair.keyFile) = (chain.file, key.file)
            return pair
        case (nil, nil): return nil
        default:
            throw error(entry.file, "user \"\(entry.name)\" has only one of client-certificate and client-key")
        }
    }

    /// What goes beside the client certificate, if there is one; a token only, as with Kubernetes' own client.
    private func credentials(
        of entry: NamedUser,
        cluster: Cluster,
        _ configuration: ClusterConfiguration
    ) throws(KubernetesError) -> ClusterConfiguration.Credentials {
        guard let user = entry.user else { return .anonymous }
        if let file = user.tokenFile, !file.isEmpty { return .tokenFile(Self.path(file, from: entry.file)) }
        if let token = user.token, !token.isEmpty { return .token(token) }
        if configuration.clientCertificate != nil { return .anonymous }
        if let exec = user.exec { return .exec(try plugin(exec, of: entry, cluster: cluster, configuration)) }
        let remedy = "give it a token, a client certificate or a credential plugin (exec)"
        if user.username?.isEmpty == false || user.password?.isEmpty == false {
            throw error(
                entry.file,
                "user \"\(entry.name)\" has a username and a password, which no Kubernetes takes any more; \(remedy)"
            )
        }
        if user.authProvider != nil {
            throw error(
                entry.file,
                "user \"\(entry.name)\" has an auth-provider, which is not supported any more; \(remedy)"
            )
        }
        return .anonymous
    }

    private func plugin(
        _ exec: Exec,
        of entry: NamedUser,
        cluster: Cluster,
        _ configuration: ClusterConfiguration
    ) throws(KubernetesError) -> ExecPlugin {
        let failure = { (reason: String) in error(entry.file, "exec of user \"\(entry.name)\" \(reason)") }
        guard let command = exec.command, !command.isEmpty else { throw failure("has no command") }
        let version = exec.apiVersion ?? ""
        guard ExecPlugin.apiVersions.contains(version) else {
            let known = ExecPlugin.apiVersions.joined(separator: " or ")
            throw failure("has the apiVersion \"\(version)\"; it must be \(known)")
        }
        let mode: ExecPlugin.InteractiveMode
        if let text = exec.interactiveMode, !text.isEmpty {
            guard let known = ExecPlugin.InteractiveMode(rawValue: text) else {
                throw failure("has the interactiveMode \"\(text)\"; it must be Never, IfAvailable or Always")
            }
            mode = known
        } else if version == ExecPlugin.apiVersions[0] {
            throw failure("has no interactiveMode; it must be Never, IfAvailable or Always")
        } else {
            mode = .ifAvailable
        }
        var variables = environment
        for variable in exec.env ?? [] {
            if variable.name.isEmpty { throw failure("has an entry without a name in env") }
            variables[variable.name] = variable.value ?? ""
        }
        return ExecPlugin(
            apiVersion: version,
            command: command.contains("/") ? Self.path(command, from: entry.file) : command,
            arguments: exec.args ?? [],
            environment: variables,
            installHint: exec.installHint ?? "",
            interactiveMode: mode,
            cluster: exec.provideClusterInfo == true ? cluster.information(configuration) : nil,
            source: "\(entry.file ?? ""): user \"\(entry.name)\""
        )
    }

    private func material(
        data: String?,
        file: String?,
        of entryFile: String?,
        _ what: String
    ) throws(KubernetesError) -> (bytes: [UInt8], file: String?)? {
        if let data, !data.isEmpty {
            guard let bytes = Data(base64Encoded: data) else { throw error(entryFile, "\(what) is not base64") }
            return (Array(bytes), nil)
        }
        guard let file, !file.isEmpty else { return nil }
        let path = Self.path(file, from: entryFile)
        do throws(KubernetesError) {
            return (try ClusterConfiguration.contents(of: path), path)
        } catch {
            throw self.error(entryFile, "\(what): \(error)")
        }
    }

    private func error(_ file: String?, _ message: String) -> KubernetesError {
        KubernetesError(.configuration, "\(file ?? files.joined(separator: ":")): \(message)")
    }
}

extension Kubeconfig.Cluster {
    /// What a plugin is told of the cluster (`ExecCredential`'s `spec.cluster`).
    fileprivate func information(_ configuration: ClusterConfiguration) -> JSONValue {
        var result: [String: JSONValue] = ["server": .string(configuration.server)]
        if let name = configuration.tlsServerName { result["tls-server-name"] = .string(name) }
        if configuration.skipsVerification { result["insecure-skip-tls-verify"] = true }
        if let authority = configuration.certificateAuthority {
            result["certificate-authority-data"] = .string(Data(authority).base64EncodedString())
        }
        if let proxyURL, !proxyURL.isEmpty { result["proxy-url"] = .string(proxyURL) }
        result["config"] = pluginConfiguration
        return .object(result)
    }
}
