import KargoCore
import KubernetesClient

/// What Pods get from their ServiceAccounts.
extension APIHandler {
    /// Where containers look for the token of their ServiceAccount.
    private static let accountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// Completes a new Pod with the pull secrets of its ServiceAccount, and with a volume that holds a token of it,
    /// unless one of the two wants none.
    ///
    /// - Throws: ``APIFailure`` where there is no such account; the one of Pods that name none comes by itself.
    func addAccount(to pod: inout JSONValue) throws {
        let name = pod[path: "spec", "serviceAccountName"]?.stringValue ?? NamespaceContents.account
        let namespace = pod[path: "metadata", "namespace"]?.stringValue ?? ""
        let account = try store.get(CoreResources.serviceAccounts, ObjectKey(namespace: namespace, name: name))?.json()
        guard account != nil || name == NamespaceContents.account else {
            throw APIFailure.forbidden(
                CoreResources.pods,
                pod[path: "metadata", "name"]?.stringValue ?? "",
                "error looking up service account \(namespace)/\(name): serviceaccount \"\(name)\" not found"
            )
        }
        if pod[path: "spec", "imagePullSecrets"]?.arrayValue?.isEmpty != false {
            pod[path: "spec", "imagePullSecrets"] = account?["imagePullSecrets"]
        }
        let choices = [pod[path: "spec", "automountServiceAccountToken"], account?["automountServiceAccountToken"]]
        if choices.lazy.compactMap({ $0?.boolValue }).first ?? true { mountToken(in: &pod) }
    }

    /// Mounts a token in all containers that have nothing else in its place.
    private func mountToken(in pod: inout JSONValue) {
        let volume = "kube-api-access-\(Self.randomSuffix())"
        let mount: JSONValue = [
            "name": .string(volume), "readOnly": true, "mountPath": .string(Self.accountDirectory),
        ]
        var isMounted = false
        for list in ["initContainers", "containers"] {
            guard var containers = pod[path: "spec", list]?.arrayValue else { continue }
            for index in containers.indices {
                let mounts = containers[index]["volumeMounts"]?.arrayValue ?? []
                guard !mounts.contains(where: { $0["mountPath"]?.stringValue == Self.accountDirectory }) else {
                    continue
                }
                containers[index]["volumeMounts"] = .array(mounts + [mount])
                isMounted = true
            }
            pod[path: "spec", list] = .array(containers)
        }
        guard isMounted else { return }
        let sources: JSONValue = [
            ["serviceAccountToken": ["expirationSeconds": 3607, "path": "token"]],
            [
                "configMap": [
                    "name": .string(NamespaceContents.authority), "items": [["key": "ca.crt", "path": "ca.crt"]],
                ]
            ],
            [
                "downwardAPI": [
                    "items": [
                        ["path": "namespace", "fieldRef": ["apiVersion": "v1", "fieldPath": "metadata.namespace"]]
                    ]
                ]
            ],
        ]
        let volumes = pod[path: "spec", "volumes"]?.arrayValue ?? []
        pod[path: "spec", "volumes"] = .array(
            volumes + [["name": .string(volume), "projected": ["defaultMode": 420, "sources": sources]]]
        )
    }
}
