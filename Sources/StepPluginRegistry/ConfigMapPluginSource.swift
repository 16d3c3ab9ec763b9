import ArgoCompat
import KargoCore
public import KubernetesClient
public import Logging
import Synchronization

/// Finds plugins in the labelled ConfigMaps of a cluster, and follows them as they come, change and go.
public final class ConfigMapPluginSource: PluginSource {
    private let catalog = CatalogHolder()
    private let informer: Informer<ConfigMap>
    private let systemNamespace: String
    private let isBuiltin: @Sendable (String) -> Bool

    /// Makes the source; it knows nothing until it runs.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - systemNamespace: The namespace of the plugins for all Projects.
    ///   - isBuiltin: Whether this program has a kind itself.
    ///   - logger: Where it tells of ConfigMaps that can't be used.
    public init(
        api: any KubernetesAPI,
        systemNamespace: String,
        isBuiltin: @escaping @Sendable (String) -> Bool,
        logger: Logger
    ) {
        self.systemNamespace = systemNamespace
        self.isBuiltin = isBuiltin
        let catalog = catalog
        informer = Informer(
            api: api,
            resource: .configMaps,
            options: ListOptions(labelSelector: "\(StepPlugin.configMapLabel)=\(StepPlugin.kind)"),
            logger: logger
        ) { change in
            for note in catalog.apply(change, isBuiltin: isBuiltin) {
                let map = change.object.metadata
                logger.warning("\(note)", metadata: ["configMap": "\(map.namespace)/\(map.name)"])
            }
        }
    }

    /// Follows the cluster until the task is cancelled.
    ///
    /// - Throws: `CancellationError`.
    public func run() async throws { try await informer.run() }

    /// Whether all plugins are known.
    public var isSynced: Bool { informer.store.isSynced }

    /// How many plugins there are that can be used, and how many ConfigMaps that should be some and can't.
    public var counts: (usable: Int, unusable: Int) { catalog.counts }

    /// Finds who runs a kind for a Project.
    public func resolve(_ kinds: Set<String>, project: String) async throws -> [String: KindResolution] {
        // A Promotion of builtin kinds does not depend on plugins, not even on knowing them.
        if kinds.allSatisfy(isBuiltin) { return Dictionary(uniqueKeysWithValues: kinds.map { ($0, .builtin) }) }
        await informer.store.waitUntilSynced()
        try Task.checkCancellation()
        return catalog.resolve(kinds, project: project, systemNamespace: systemNamespace, isBuiltin: isBuiltin)
    }

    /// A plugin by its name.
    public func plugin(_ name: String, namespace: String) async throws -> RegisteredPlugin? {
        await informer.store.waitUntilSynced()
        try Task.checkCancellation()
        return catalog.plugin(name, namespace: namespace)
    }

    private final class CatalogHolder: Sendable {
        private let catalog = Mutex(PluginCatalog())

        var counts: (usable: Int, unusable: Int) { catalog.withLock(\.counts) }

        func apply(_ change: ObjectChange<ConfigMap>, isBuiltin: (String) -> Bool) -> [String] {
            catalog.withLock { catalog in
                switch change {
                case .added(let map), .updated(_, let map): return catalog.insert(map, isBuiltin: isBuiltin)
                case .deleted(let map):
                    catalog.remove(map)
                    return []
                }
            }
        }

        func resolve(
            _ kinds: Set<String>,
            project: String,
            systemNamespace: String,
            isBuiltin: (String) -> Bool
        ) -> [String: KindResolution] {
            catalog.withLock {
                $0.resolve(kinds, project: project, systemNamespace: systemNamespace, isBuiltin: isBuiltin)
            }
        }

        func plugin(_ name: String, namespace: String) -> RegisteredPlugin? {
            catalog.withLock { $0.plugin(name, namespace: namespace) }
        }
    }
}
