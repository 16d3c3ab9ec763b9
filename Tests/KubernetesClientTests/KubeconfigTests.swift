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
        #expect(configuration.credentials == .certificate(chain: Array("A".utf8), key: Array("KEY".utf8)))
        #expect(configuration.certificateAuthority == Array("CERT".utf8))
        #expect(configuration.tlsServerName == "x")
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
        ("exec: {command: aws}", "server: https://x", "c1", "gets its credentials from a program"),
        ("token: a", "server: https://x, certificate-authority: gone.pem", "c1", "gone.pem can't be read"),
    ])
    func `names what is wrong`(user: String, cluster: String, current: String, reason: String) async {
        let error = await #expect(throws: KubernetesError.self) {
            try await discover(kubeconfig(user: user, cluster: cluster, current: current))
        }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
    }

    @Test func `merges several files, the first one counting most`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write("current-context: c1\nusers: [{name: u1, user: {token: first}}]\n", to: "a")
            try directory.write(kubeconfig(user: "token: second", current: "c4"), to: "b")
            let paths = [directory.file("a"), directory.file("gone"), directory.file("b")].joined(separator: ":")
            let configuration = try ClusterConfiguration.discover(environment: ["KUBECONFIG": paths])
            #expect(configuration.credentials == .token("first"))
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
            try directory.write("team", to: "namespace")
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
