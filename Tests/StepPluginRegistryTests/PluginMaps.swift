import ArgoCompat
import KargoCore

/// ConfigMaps of plugins, good and bad.
enum PluginMaps {
    /// A ConfigMap of a plugin that may be used.
    static func map(
        _ name: String,
        in namespace: String,
        kinds: [String],
        image: String = "probe:1",
        version: Int = 1
    ) -> ConfigMap {
        raw(
            "\(name)-step-plugin",
            in: namespace,
            container: """
                name: \(name)-step-plugin
                image: \(image)
                ports: [{containerPort: 9765}]
                resources: {requests: {cpu: 50m}, limits: {memory: 64Mi}}
                securityContext: {runAsNonRoot: true}
                """,
            steps: kinds.map { "- kind: \($0)\n" }.joined(),
            version: version
        )
    }

    /// A ConfigMap with the label of plugins and any content.
    static func raw(
        _ name: String,
        in namespace: String,
        container: String? = nil,
        steps: String? = nil,
        version: Int = 1
    ) -> ConfigMap {
        var map = ConfigMap()
        map.metadata.name = name
        map.metadata.namespace = namespace
        map.metadata.uid = "uid-\(namespace)-\(name)"
        map.metadata.resourceVersion = String(version)
        map.metadata.labels = ["kargo-extended.code.org/configmap-type": "StepPlugin"]
        map.data["sidecar.container"] = container
        map.data["steps.yaml"] = steps
        return map
    }
}
