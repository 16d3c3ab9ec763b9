import ArgoCompat
package import KargoCore

/// What the ConfigMaps of a cluster say about plugins, as a value.
///
/// ## Guarantees
/// What is wrong with one ConfigMap concerns only the kinds that it declares.
package struct PluginCatalog: Sendable {
    /// A ConfigMap with the label of plugins.
    private enum Entry: Sendable {
        case plugin(RegisteredPlugin)
        /// It can't be used; its kinds as far as they can be read.
        case invalid(kinds: [String], reason: String)
    }

    private struct Place: Sendable, Hashable {
        var namespace: String
        var configMap: String

        /// The name that a plugin has here.
        var plugin: String {
            let suffix = StepPlugin.configMapSuffix
            return configMap.hasSuffix(suffix) ? String(configMap.dropLast(suffix.count)) : configMap
        }
    }

    private var entries: [Place: Entry] = [:]

    /// Makes an empty catalog.
    package init() {}

    /// Takes a ConfigMap in, or its changed state.
    ///
    /// - Parameters:
    ///   - map: The ConfigMap.
    ///   - isBuiltin: Whether this program has a kind itself.
    /// - Returns: What to tell the operator, a sentence each.
    @discardableResult
    package mutating func insert(_ map: ConfigMap, isBuiltin: (String) -> Bool = { _ in false }) -> [String] {
        let place = Place(namespace: map.metadata.namespace, configMap: map.metadata.name)
        do {
            let (plugin, warnings) = try StepPlugin.reading(map)
            let digest = try plugin.digest
            entries[place] = .plugin(
                RegisteredPlugin(plugin: plugin, namespace: map.metadata.namespace, digest: digest)
            )
            return warnings
                + plugin.spec.steps.map(\.kind).filter(isBuiltin)
                .map { "declares step kind \"\($0)\", which is builtin: the plugin is never asked for it; rename it" }
        } catch {
            entries[place] = .invalid(kinds: Self.declaredKinds(map), reason: "\(error)")
            return ["is no usable plugin: \(error)"]
        }
    }

    /// Takes a ConfigMap out.
    mutating func remove(_ map: ConfigMap) {
        entries[Place(namespace: map.metadata.namespace, configMap: map.metadata.name)] = nil
    }

    /// How many plugins can be used, and how many ConfigMaps can't.
    var counts: (usable: Int, unusable: Int) {
        let usable = entries.values.count { if case .plugin = $0 { true } else { false } }
        return (usable, entries.count - usable)
    }

    /// The kinds in `steps.yaml`, whatever else is wrong.
    private static func declaredKinds(_ map: ConfigMap) -> [String] {
        guard let text = map.data["steps.yaml"], let value = try? JSONValue(yaml: text, duplicateKeys: .lastWins) else {
            return []
        }
        return (value.arrayValue ?? []).compactMap { $0["kind"]?.stringValue }
    }

    /// What a Project's step kinds are.
    ///
    /// Plugins of the Project go before those of the system namespace that have the same name. A kind that this program
    /// has itself is never a plugin's.
    ///
    /// - Parameters:
    ///   - kinds: The kinds in question.
    ///   - project: The Project.
    ///   - systemNamespace: The namespace of the plugins for all Projects.
    ///   - isBuiltin: Whether this program has a kind itself.
    /// - Returns: What each kind is.
    package func resolve(
        _ kinds: Set<String>,
        project: String,
        systemNamespace: String,
        isBuiltin: (String) -> Bool
    ) -> [String: KindResolution] {
        let effective = effectiveEntries(project: project, systemNamespace: systemNamespace)
        var resolutions: [String: KindResolution] = [:]
        for kind in kinds {
            resolutions[kind] = isBuiltin(kind) ? .builtin : resolve(kind, among: effective)
        }
        return resolutions
    }

    /// The plugin of a name in a namespace.
    func plugin(_ name: String, namespace: String) -> RegisteredPlugin? {
        for (place, entry) in entries where place.namespace == namespace {
            if case .plugin(let plugin) = entry, plugin.name == name { return plugin }
        }
        return nil
    }

    private func effectiveEntries(project: String, systemNamespace: String) -> [(Place, Entry)] {
        let own = entries.filter { $0.key.namespace == project }
        let overridden = Set(own.keys.map(\.plugin))
        let system = entries.filter { $0.key.namespace == systemNamespace && !overridden.contains($0.key.plugin) }
        let all = project == systemNamespace ? own : own.merging(system) { first, _ in first }
        return all.sorted { ($0.key.namespace, $0.key.configMap) < ($1.key.namespace, $1.key.configMap) }
            .map { ($0.key, $0.value) }
    }

    private func resolve(_ kind: String, among effective: [(Place, Entry)]) -> KindResolution {
        var plugins: [RegisteredPlugin] = []
        var problems: [String] = []
        for (place, entry) in effective {
            switch entry {
            case .plugin(let plugin) where plugin.plugin.spec.steps.contains { $0.kind == kind }:
                plugins.append(plugin)
            case .invalid(let kinds, let reason) where kinds.contains(kind):
                problems.append("ConfigMap \(place.namespace)/\(place.configMap) declares it but is invalid: \(reason)")
            default: break
            }
        }
        if plugins.count > 1 {
            let names = plugins.map { "\($0.namespace)/\($0.name)" }.joined(separator: " and ")
            return .unusable("plugins \(names) both declare it; remove one of them, or rename the kind")
        }
        if let problem = problems.first { return .unusable(problem) }
        if let plugin = plugins.first {
            // A name stands for one plugin: a Promotion records its plugins by their names.
            let twins = effective.map(\.0).filter { $0.namespace == plugin.namespace && $0.plugin == plugin.name }
            guard twins.count == 1 else {
                let names = twins.map { "\($0.namespace)/\($0.configMap)" }.joined(separator: " and ")
                return .unusable("ConfigMaps \(names) both are plugin \"\(plugin.name)\"; rename one of them")
            }
            return .plugin(plugin)
        }
        // A ConfigMap whose kinds can't be read may be the one that is meant.
        let unreadable = effective.compactMap { place, entry -> String? in
            guard case .invalid(let kinds, let reason) = entry, kinds.isEmpty else { return nil }
            return "ConfigMap \(place.namespace)/\(place.configMap) is invalid: \(reason)"
        }
        return .unknown(hint: unreadable.first)
    }
}

/// What a kind of step is in a Project.
public enum KindResolution: Sendable, Hashable {
    /// This program has it itself.
    case builtin
    /// A plugin has it.
    case plugin(RegisteredPlugin)
    /// Somebody declares it, but it can't be used; the reason goes on a sentence about the kind.
    case unusable(String)
    /// Nobody has it; perhaps because of what the hint says.
    case unknown(hint: String?)
}
