import KargoControllers
import KargoTestSupport
import KubernetesClient
import Testing

@Suite("Cluster of Argo CD")
struct ArgoCDSettingsTests {
    @Test func `is reached with the process's environment, but for KUBECONFIG`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write(
                """
                current-context: c
                contexts: [{name: c, context: {cluster: k, user: u}}]
                clusters: [{name: k, cluster: {server: "https://argo.test"}}]
                users:
                - name: u
                  user:
                    exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never}
                """,
                to: "argo"
            )
            let environment = [
                "KUBECONFIG": "/nowhere", "ARGOCD_KUBECONFIG": directory.file("argo"), "PATH": "/bin",
                "HTTPS_PROXY": "http://proxy.test:3128", "AWS_PROFILE": "p",
            ]
            let settings = try ControllerSettings(environment: environment, dataDirectory: "/data")
            let cluster = try #require(try settings.argoCD?.cluster(environment: environment))
            #expect(cluster.server == "https://argo.test")
            #expect(cluster.proxy?.host == "proxy.test")
            guard case .exec(let plugin) = cluster.credentials else {
                Issue.record("no plugin is asked")
                return
            }
            #expect(plugin.environment["PATH"] == "/bin" && plugin.environment["AWS_PROFILE"] == "p")
        }
    }

    @Test func `is Kargo's own without a kubeconfig`() throws {
        let settings = try ControllerSettings(environment: [:], dataDirectory: "/data")
        #expect(try settings.argoCD?.cluster(environment: [:]) == nil)
    }
}
