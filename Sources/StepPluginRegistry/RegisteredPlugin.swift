public import ArgoCompat
public import KargoCore

/// A plugin that a ConfigMap in the cluster describes.
public struct RegisteredPlugin: Sendable, Hashable {
    /// The plugin.
    public var plugin: StepPlugin
    /// The namespace of the ConfigMap.
    public var namespace: String
    /// Names the state of the plugin.
    public var digest: String

    /// The name of the plugin.
    public var name: String { plugin.name }

    /// Makes an entry.
    public init(plugin: StepPlugin, namespace: String, digest: String) {
        self.plugin = plugin
        self.namespace = namespace
        self.digest = digest
    }

    /// The plugin with some of its kinds alone, and the digest of all.
    ///
    /// What else it declares, such as a kind that is builtin, it is not asked.
    public func having(only kinds: [String]) -> RegisteredPlugin {
        var result = self
        result.plugin.spec.steps.removeAll { !kinds.contains($0.kind) }
        return result
    }

    /// The shortest time between two looks at a plugin's running step.
    public static let pollInterval = Duration.milliseconds(100)

    /// What the configuration of steps has to fit, by kind.
    public var configSchemas: [String: JSONValue] {
        Dictionary(plugin.spec.steps.compactMap { step in step.configSchema.map { (step.kind, $0) } }) { $1 }
    }

    /// What the orchestrator should know of the plugin's kinds.
    public var kinds: [StepKind] {
        plugin.spec.steps.map { step in
            let timeout = step.defaultTimeout.duration
            return StepKind(
                name: step.kind,
                defaultTimeout: timeout > .zero ? timeout : nil,
                defaultErrorThreshold: step.defaultErrorThreshold,
                minimumPollInterval: Self.pollInterval
            )
        }
    }
}
