public import KargoCore

extension StepPlugin {
    /// The label by which the ConfigMap of a plugin is found; its value is ``kind``.
    public static let configMapLabel = "kargo-extended.code.org/configmap-type"
    /// What the name of the ConfigMap has behind the name of the plugin.
    public static let configMapSuffix = "-step-plugin"

    private enum DataKey {
        static let container = "sidecar.container"
        static let automountServiceAccountToken = "sidecar.automountServiceAccountToken"
        static let steps = "steps.yaml"
    }

    /// The ConfigMap that brings the plugin to a cluster.
    ///
    /// - Throws: What can't be encoded, which is nothing in a manifest that was read.
    public var configMap: ConfigMap {
        get throws {
            var map = ConfigMap()
            map.apiVersion = "v1"
            map.kind = "ConfigMap"
            map.metadata.name = metadata.name + Self.configMapSuffix
            map.metadata.namespace = metadata.namespace
            map.metadata.annotations = metadata.annotations
            map.metadata.labels = metadata.labels
            // Last, so that no label of the author's hides the plugin.
            map.metadata.labels[Self.configMapLabel] = Self.kind
            let encoder = JSONValueEncoder()
            map.data = [
                DataKey.container: try encoder.encode(spec.sidecar.container).yaml(),
                DataKey.automountServiceAccountToken: String(spec.sidecar.automountServiceAccountToken),
                DataKey.steps: try encoder.encode(spec.steps).yaml(),
            ]
            return map
        }
    }

    /// Reads a plugin back from its ConfigMap.
    ///
    /// Fields that this version does not know are left out rather than refused, so that a plugin made by a newer
    /// version goes on working; they are named in the warnings.
    ///
    /// - Parameter map: The ConfigMap.
    /// - Returns: The plugin, named as the ConfigMap without ``configMapSuffix``, and what was left out.
    /// - Throws: `FieldError` that names the key of `data`, and the field in it, that is wrong.
    public static func reading(_ map: ConfigMap) throws(FieldError) -> (plugin: StepPlugin, warnings: [String]) {
        guard map.metadata.labels[configMapLabel] == kind else {
            throw FieldError(
                path: FieldPath("metadata", "labels", configMapLabel),
                message: "must be \"\(kind)\""
            )
        }
        var warnings: [String] = []
        var plugin = StepPlugin()
        plugin.metadata = map.metadata
        plugin.metadata.labels[configMapLabel] = nil
        if map.metadata.name.hasSuffix(configMapSuffix) {
            plugin.metadata.name.removeLast(configMapSuffix.count)
        }
        plugin.spec.sidecar.automountServiceAccountToken = map.data[DataKey.automountServiceAccountToken] == "true"
        plugin.spec.sidecar.container = try decode(Container.self, DataKey.container, of: map, &warnings)
        plugin.spec.steps = try decode([Step].self, DataKey.steps, of: map, &warnings)
        try plugin.validate()
        return (plugin, warnings)
    }

    private static func decode<T: Decodable>(
        _ type: T.Type,
        _ key: String,
        of map: ConfigMap,
        _ warnings: inout [String]
    ) throws(FieldError) -> T {
        let path = FieldPath("data", key)
        guard let text = map.data[key] else { throw FieldError(path: path, message: "is required") }
        let value: JSONValue
        do {
            value = try JSONValue(yaml: text)
        } catch {
            throw FieldError(path: path, message: error.description)
        }
        do {
            let (result, unknown) = try JSONValueDecoder(convertsScalarsToStrings: true)
                .decodeReportingUnknownFields(type, from: value)
            warnings += unknown.map { "\(path): unknown field \($0) is left out" }
            return result
        } catch {
            throw FieldError(path: path, message: error.description)
        }
    }
}
