import KargoCore
import KubernetesClient
import Logging

/// What is in every namespace without anybody's doing, and comes again when it is deleted: the ServiceAccount of Pods
/// that name none, and the certificate by which Pods know the cluster.
struct NamespaceContents: Sendable {
    /// The ServiceAccount of Pods that name none.
    static let account = "default"
    /// The ConfigMap with the certificate of the cluster's authority.
    static let authority = "kube-root-ca.crt"

    let handler: APIHandler
    /// The certificate in PEM.
    let certificate: @Sendable () -> [UInt8]

    /// Whether it has to be looked at again after a change of the object.
    static func has(_ object: StoredObject) -> Bool {
        switch object.resource {
        case CoreResources.serviceAccounts: object.key.name == account
        case CoreResources.configMaps: object.key.name == authority
        default: false
        }
    }

    /// Puts in what the namespaces lack.
    func fillAll() async {
        await withTaskGroup { group in
            for namespace in handler.store.list(CoreResources.namespaces, namespace: nil).objects {
                group.addTask { await fill(namespace.key.name) }
            }
        }
    }

    /// Puts in what a namespace lacks.
    func fill(_ namespace: String) async {
        let key = ObjectKey(name: namespace)
        guard handler.store.get(CoreResources.namespaces, key)?.isBeingDeleted == false else { return }
        do {
            try await fillAccount(namespace)
            try await fillAuthority(namespace)
        } catch let error as KubernetesError where [.alreadyExists, .notFound, .forbidden].contains(error.code) {
            // Somebody else was there first, or the namespace goes away.
        } catch {
            handler.logger.warning(
                "a namespace can't be furnished",
                metadata: ["namespace": "\(namespace)", "error": "\(error)"]
            )
        }
    }

    private var api: InProcessAPI { InProcessAPI(handler: handler, username: "system:local-cluster") }

    private func fillAccount(_ namespace: String) async throws {
        let key = ObjectKey(namespace: namespace, name: Self.account)
        guard handler.store.get(CoreResources.serviceAccounts, key) == nil else { return }
        _ = try await api.create(
            .serviceAccounts,
            namespace: namespace,
            ["metadata": ["name": .string(Self.account)]]
        )
    }

    private func fillAuthority(_ namespace: String) async throws {
        let data: JSONValue = ["ca.crt": .string(String(decoding: certificate(), as: UTF8.self))]
        let key = ObjectKey(namespace: namespace, name: Self.authority)
        guard let present = try handler.store.get(CoreResources.configMaps, key)?.json() else {
            let metadata: JSONValue = [
                "name": .string(Self.authority),
                "annotations": [
                    "kubernetes.io/description": "The certificate of the authority that signs the API server's."
                ],
            ]
            _ = try await api.create(.configMaps, namespace: namespace, ["metadata": metadata, "data": data])
            return
        }
        if present["data"] == data { return }
        _ = try await api.patch(
            .configMaps,
            namespace: namespace,
            name: Self.authority,
            .json([["op": "add", "path": "/data", "value": data]])
        )
    }
}
