import ArgoCompat
import KargoCore
import KubernetesClient
import StepPluginRegistry

/// The service account whose token sidecars get that ask for one.
enum AgentServiceAccount {
    /// What is used where a plugin has none of its own in the Project.
    static let fallback = "default"

    /// Finds the one account that all plugins mean.
    ///
    /// A plugin means `<plugin>-step-plugin`, or `default` where the Project has none of that name.
    ///
    /// - Parameters:
    ///   - plugins: The plugins of the Pod.
    ///   - project: The Project.
    ///   - api: The cluster.
    /// - Returns: The account; nil if no plugin asks.
    /// - Throws: ``AgentPodTemplate/Refusal`` where plugins mean different ones: a Pod has one. `KubernetesError`.
    static func resolve(
        for plugins: [RegisteredPlugin],
        project: String,
        api: any KubernetesAPI
    ) async throws -> String? {
        var found: (account: String, plugin: RegisteredPlugin)?
        for plugin in plugins.sorted(by: { $0.name < $1.name }) where plugin.asksForServiceAccount {
            let name = plugin.name + StepPlugin.configMapSuffix
            let account = try await exists(name, project, api) ? name : fallback
            if let other = found, other.account != account {
                throw AgentPodTemplate.Refusal(
                    description:
                        "plugin \"\(other.plugin.name)\" runs as service account \"\(other.account)\" and plugin "
                        + "\"\(plugin.name)\" as \"\(account)\", but a Pod has one; use them in different Promotions, "
                        + "or have automountServiceAccountToken set for one of them only"
                )
            }
            found = (account, plugin)
        }
        return found?.account
    }

    private static func exists(_ name: String, _ project: String, _ api: any KubernetesAPI) async throws -> Bool {
        do {
            _ = try await api.get(.serviceAccounts, namespace: project, name: name)
            return true
        } catch let error as KubernetesError where error.code == .notFound {
            return false
        }
    }
}

extension RegisteredPlugin {
    /// Whether its sidecar calls the Kubernetes API.
    var asksForServiceAccount: Bool { plugin.spec.sidecar.automountServiceAccountToken }
}

extension AgentPodTemplate {
    /// Where Kubernetes' clients look for the token.
    static let serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"
    /// How long a token is valid that the kubelet renews in time: what the API server itself asks for.
    private static let tokenSeconds: Int64 = 3607

    /// What the API server would mount into every container if it were let.
    static var serviceAccountVolume: Volume {
        var token = VolumeProjection()
        token.serviceAccountToken = ServiceAccountTokenProjection()
        token.serviceAccountToken?.expirationSeconds = tokenSeconds
        token.serviceAccountToken?.path = "token"
        var item = KeyToPath()
        item.key = "ca.crt"
        item.path = "ca.crt"
        var authority = VolumeProjection()
        authority.configMap = ConfigMapProjection()
        authority.configMap?.name = "kube-root-ca.crt"
        authority.configMap?.items = [item]
        var file = DownwardAPIVolumeFile()
        file.path = "namespace"
        file.fieldRef = ObjectFieldSelector()
        file.fieldRef?.apiVersion = "v1"
        file.fieldRef?.fieldPath = "metadata.namespace"
        var namespace = VolumeProjection()
        namespace.downwardAPI = DownwardAPIProjection()
        namespace.downwardAPI?.items = [file]
        var volume = Volume()
        volume.name = VolumeName.serviceAccount
        volume.projected = ProjectedVolumeSource()
        volume.projected?.sources = [token, authority, namespace]
        volume.projected?.defaultMode = 0o644
        return volume
    }
}
