/// By what members the elements of lists in objects of Kubernetes are told apart, so that they are merged one by one.
struct PatchListKeys {
    private static let kinds: Set<String> = [
        "v1/Pod", "v1/PodTemplate", "v1/ReplicationController", "v1/Service", "v1/ServiceAccount",
        "apps/v1/DaemonSet", "apps/v1/Deployment", "apps/v1/ReplicaSet", "apps/v1/StatefulSet", "batch/v1/CronJob",
        "batch/v1/Job",
    ]

    /// The member by the name of the list.
    private static let keys = [
        "containers": "name", "initContainers": "name", "ephemeralContainers": "name", "env": "name",
        "volumes": "name", "volumeMounts": "mountPath", "volumeDevices": "devicePath", "imagePullSecrets": "name",
        "hostAliases": "ip", "topologySpreadConstraints": "topologyKey", "resourceClaims": "name",
        "ownerReferences": "uid", "secrets": "name", "conditions": "type",
    ]

    private let kind: String

    /// Nothing if a document is no object that is known.
    init?(of root: YAMLPart) {
        guard let version = root.member("apiVersion")?.scalarText, let kind = root.member("kind")?.scalarText,
            Self.kinds.contains("\(version)/\(kind)")
        else { return nil }
        self.kind = kind
    }

    /// The member for the list at a path; nothing if it is replaced as a whole.
    func key(of path: [String]) -> String? {
        guard let name = path.last else { return nil }
        // Labels and annotations may have any name.
        if path.contains("labels") || path.contains("annotations") { return nil }
        if name == "ports" { return kind == "Service" ? "port" : "containerPort" }
        return Self.keys[name]
    }
}
