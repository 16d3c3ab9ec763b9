import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@Suite("Kubeconfig")
struct KubeconfigTests {
    private func kubeconfig(user: String, cluster: String = "server: https://one", current: String = "c1") -> String {
        """
        apiVersion: v1
        kind: Config
        current-context: \(current)
        clusters: [{name: k1, cluster: {\(cluster)}}]
        users: [{name: u1, user: {\(user)}}]
        contexts:
        - {name: c1, context: {cluster: k1, user: u1, namespace: demo}}
        - {name: c2, context: {cluster: k1, user: nobody}}
        - {name: c3, context: {cluster: nowhere, user: u1}}
        - {name: c4, context: {cluster: k1}}
        """
    }

    private func discover(_ text: String, context: String? = nil) async throws -> ClusterConfiguration {
        try await ScopedDirectory.with { directory in
            try directory.write(text, to: "config")
            try directory.write("CERT", to: "ca.pem")
            try directory.write("KEY", to: "sub/key.pem")
            return try ClusterConfiguration.discover(
                environment: ["KUBECONFIG": directory.file("config")],
                context: context
            )
        }
    }

    @Test func `reads server, namespace and token of the current context`() async throws {
        let configuration = try await discover(kubeconfig(user: "token: abc"))
        #expect(
            configuration == ClusterConfiguration(server: "https://one", credentials: .token("abc"), namespace: "demo")
        )
    }

    @Test func `reads inline data and files beside the kubeconfig`() async throws {
        let configuration = try await discover(
            kubeconfig(
                user: "client-certificate-data: QQ==, client-key: sub/key.pem",
                cluster: "server: https://one, certificate-authority: ca.pem, tls-server-name: x"
            )
        )
        #expect(configuration.clientCertificate?.chain == Array("A".utf8))
        #expect(configuration.clientCertificate?.key == Array("KEY".utf8))
        #expect(configuration.clientCertificate?.chainFile == nil)
        #expect(configuration.clientCertificate?.keyFile?.hasSuffix("/sub/key.pem") == true)
        #expect(configuration.certificateAuthorityFile?.hasSuffix("/ca.pem") == true)
        #expect(configuration.credentials == .anonymous)
        #expect(configuration.certificateAuthority == Array("CERT".utf8))
        #expect(configuration.tlsServerName == "x")
    }

    @Test func `sends a token beside a certificate, and asks no plugin then`() async throws {
        let pair = "client-certificate-data: QQ==, client-key-data: Qg=="
        let exec = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: a}"
        for (user, credentials) in [
            ("\(pair), token: abc", ClusterConfiguration.Credentials.token("abc")), ("\(pair), \(exec)", .anonymous),
        ] {
            let configuration = try await discover(kubeconfig(user: user))
            #expect(configuration.credentials == credentials)
            #expect(configuration.clientCertificate == .init(chain: Array("A".utf8), key: Array("B".utf8)))
        }
    }

    /// What is set, and which cluster that is: of kubectl, and of a program whose cluster is the one it runs in.
    @Test(arguments: [
        (isInPod: true, hasFile: true, "https://one", "https://10.0.0.1:443"),
        (isInPod: false, hasFile: true, "https://one", "https://one"),
        (isInPod: true, hasFile: false, "https://10.0.0.1:443", "https://10.0.0.1:443"),
    ])
    func `knows whose cluster comes first`(isInPod: Bool, hasFile: Bool, kubectl: String, own: String) async throws {
        try await ScopedDirectory.with { directory in
            let config = kubeconfig(user: "token: abc")
            if hasFile { try directory.write(config, to: "home/.kube/config") }
            try directory.write(config.replacing("https://one", with: "https://two"), to: "other")
            for name in isInPod ? ["ca.crt", "token", "namespace"] : [] {
                try directory.write("a", to: "account/\(name)")
            }
            var environment = [
                "HOME": directory.file("home"), "KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "443",
            ]
            func server(prefersServiceAccount: Bool) throws -> String {
                try ClusterConfiguration.discover(
                    environment: environment,
                    prefersServiceAccount: prefersServiceAccount,
                    directory: directory.file("account")
                )
                .server
            }
            #expect(try server(prefersServiceAccount: false) == kubectl)
            #expect(try server(prefersServiceAccount: true) == own)
            environment["KUBECONFIG"] = directory.file("other")
            #expect(try server(prefersServiceAccount: true) == "https://two")
        }
    }

    @Test func `takes another context when asked to`() async throws {
        let configuration = try await discover(kubeconfig(user: "token: abc"), context: "c4")
        #expect(configuration.credentials == .anonymous)
        #expect(configuration.namespace == "default")
    }

    @Test(arguments: [
        ("token: a", "server: https://x", "", "current-context is not set"),
        ("token: a", "server: https://x", "zzz", "no context \"zzz\""),
        ("token: a", "server: https://x", "c2", "the user \"nobody\""),
        ("token: a", "server: https://x", "c3", "the cluster \"nowhere\""),
        ("token: a", "tls-server-name: x", "c1", "has no server"),
        ("client-certificate-data: QQ==", "server: https://x", "c1", "only one of"),
        ("client-key-data: '!', client-certificate-data: QQ==", "server: https://x", "c1", "not base64"),
        ("exec: {command: aws}", "server: https://x", "c1", "must be client.authentication.k8s.io/v1 or"),
        ("exec: {apiVersion: client.authentication.k8s.io/v1}", "server: https://x", "c1", "has no command"),
        (
            "exec: {apiVersion: client.authentication.k8s.io/v1, command: a}", "server: https://x", "c1",
            "has no interactiveMode"
        ),
        ("username: a, password: b", "server: https://x", "c1", "user \"u1\" has a username and a password"),
        ("auth-provider: {name: gcp}", "server: https://x", "c1", "has an auth-provider"),
        ("token: a, as-groups: [x]", "server: https://x", "c1", "which need \"as\""),
        ("token: a", "server: 'x:6443'", "c1", "server of cluster \"k1\""),
        ("token: a", "server: https://x, proxy-url: 'ftp://p'", "c1", "proxy-url of cluster \"k1\""),
        (
            "token: a", "server: https://x, insecure-skip-tls-verify: true, certificate-authority: ca.pem", "c1",
            "remove one of them"
        ),
        ("token: a", "server: https://x, certificate-authority: gone.pem", "c1", "gone.pem can't be read"),
    ])
    func `names what is wrong`(user: String, cluster: String, current: String, reason: String) async {
        let error = await #expect(throws: KubernetesError.self) {
            try await discover(kubeconfig(user: user, cluster: cluster, current: current))
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
        #expect(error?.message.contains("/config: ") == true, "\(error?.message ?? "none")")
    }

    @Test func `refuses two entries of one name in a file`() async {
        let error = await #expect(throws: KubernetesError.self) {
            try await discover("users: [{name: a, user: {}}, {name: a, user: {}}]")
        }
        #expect(error?.message.hasSuffix("/config: two users are named \"a\"") == true)
    }

    @Test func `reads a credential plugin with what it is told of the cluster`() async throws {
        let configuration = try await discover(
            kubeconfig(
                user: """
                    exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: bin/login, args: [-x],
                      env: [{name: REGION, value: eu}], provideClusterInfo: true, installHint: get it}
                    """,
                cluster: """
                    server: https://one, certificate-authority: ca.pem, tls-server-name: x,
                    extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]
                    """
            )
        )
        guard case .exec(let plugin) = configuration.credentials else {
            Issue.record("no plugin: \(configuration.credentials)")
            return
        }
        #expect(plugin.command.hasPrefix("/") && plugin.command.hasSuffix("/bin/login"))
        #expect(plugin.arguments == ["-x"])
        #expect(plugin.environment["REGION"] == "eu")
        #expect(plugin.environment["KUBECONFIG"] != nil)
        #expect(plugin.installHint == "get it")
        #expect(plugin.interactiveMode == .ifAvailable)
        #expect(
            plugin.cluster == [
                "server": "https://one", "tls-server-name": "x", "certificate-authority-data": "Q0VSVA==",
                "config": ["audience": "a"],
            ]
        )
        #expect(plugin.source.hasSuffix("/config: user \"u1\""))
    }

    @Test func `reads whom to be taken for`() async throws {
        let configuration = try await discover(
            kubeconfig(user: "token: a, as: bob, as-uid: '7', as-groups: [x, 'y'], as-user-extra: {k: [v]}")
        )
        #expect(
            configuration.impersonation
                == .init(user: "bob", uid: "7", groups: ["x", "y"], extra: ["k": ["v"]])
        )
    }

    @Test(arguments: [
        ("https://one", ["HTTPS_PROXY": "http://u:p@p:1", "HTTP_PROXY": "http://q:2"], "p 1 u"),
        ("http://one", ["HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://q:2"], "q 2 -"),
        ("https://one", ["HTTPS_PROXY": "p:1", "NO_PROXY": "two,.one"], "p 1 -"),
        ("https://a.one", ["HTTPS_PROXY": "p:1", "NO_PROXY": "two,.one"], "none"),
        ("https://10.1.2.3:6443", ["https_proxy": "socks5://p", "no_proxy": "10.1.0.0/16"], "none"),
        ("https://127.0.0.1:6443", ["HTTPS_PROXY": "p:1"], "none"),
        ("https://one, proxy-url: 'socks5://s'", ["HTTPS_PROXY": "p:1", "NO_PROXY": "*"], "s 1080 -"),
    ])
    func `finds the proxy`(server: String, environment: [String: String], expected: String) async throws {
        let proxy = try await ScopedDirectory.with { directory in
            try directory.write(kubeconfig(user: "token: a", cluster: "server: \(server)"), to: "config")
            let environment = environment.merging(["KUBECONFIG": directory.file("config")]) { own, _ in own }
            return try ClusterConfiguration.discover(environment: environment).proxy
        }
        #expect((proxy.map { "\($0.host) \($0.port) \($0.username ?? "-")" } ?? "none") == expected)
    }

    @Test func `merges several files, the first one counting most`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("current-context: c1\nusers: [{name: u1, user: {token: first}}]\n", to: "a")
            try directory.write(kubeconfig(user: "token: second", current: "c4"), to: "b")
            let paths = [directory.file("a"), directory.file("gone"), directory.file("b")].joined(separator: ":")
            let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": paths])
            #expect(configuration.credentials == .token("first"))
            #expect(configuration.namespace == "demo")
        }
    }

    @Test func `finds files beside the kubeconfig that names them`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("A", to: "a/ca.pem")
            try directory.write("B", to: "b/ca.pem")
            try directory.write(
                "clusters: [{name: k1, cluster: {server: https://a, certificate-authority: ca.pem}}]",
                to: "a/config"
            )
            try directory.write(
                kubeconfig(user: "tokenFile: t", cluster: "server: https://b, certificate-authority: ca.pem"),
                to: "b/config"
            )
            let paths = "\(directory.file("a/config"))::\(directory.file("b/config"))"
            let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": paths])
            #expect(configuration.server == "https://a")
            #expect(configuration.certificateAuthority == Array("A".utf8))
            #expect(configuration.credentials == .tokenFile(directory.file("b/t")))
        }
    }

    @Test func `says what to do when nothing is configured`() throws {
        let error = #expect(throws: KubernetesError.self) {
            try ClusterConfiguration.discover(environment: ["HOME": "/nonexistent"])
        }
        #expect(error?.message.contains("kargo local up") == true)
    }

    @Test func `reads the service account of a Pod`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("CA", to: "ca.crt")
            try directory.write("team\n", to: "namespace")
            let configuration = try ClusterConfiguration.inCluster(
                environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"],
                directory: directory.path
            )
            #expect(configuration.server == "https://[fd00::1]:443")
            #expect(configuration.credentials == .tokenFile(directory.file("token")))
            #expect(configuration.namespace == "team")
        }
    }
}
