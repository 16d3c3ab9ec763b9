import AgentPod
import ArgoCompat
import BuiltinSteps
import KargoCore
import KubernetesClient
import StepPluginRegistry

/// Looks at the ConfigMaps of plugins as the controller does.
struct PluginCheck {
    let api: any KubernetesAPI
    /// The namespace of the plugins for all Projects.
    let systemNamespace: String
    let projects: [String]
    /// What agent Pods may.
    let policy: PodPolicy

    func findings() async throws -> [Finding] {
        var findings: [Finding] = []
        var catalog = PluginCatalog()
        var plugins: [RegisteredPlugin] = []
        for map in try await configMaps(&findings) {
            catalog.insert(map)
            let (plugin, problems) = read(map)
            findings += problems
            if let plugin { plugins.append(plugin) }
        }
        return findings + conflicts(plugins, catalog)
    }

    private func configMaps(_ findings: inout [Finding]) async throws -> [ConfigMap] {
        let options = ListOptions(labelSelector: "\(StepPlugin.configMapLabel)=\(StepPlugin.kind)")
        let places = Set(projects + [systemNamespace])
        var maps: [ConfigMap] = []
        let examination = try await Examination(.plugin, "ConfigMaps of all namespaces") {
            try await api.list(.configMaps, options: options)
        }
        switch examination {
        case .missing: return []
        case .refused(let finding): findings.append(finding)
        case .found(let list):
            for item in list.items {
                let key = item.objectKey
                guard places.contains(key.namespace) else { continue }
                do {
                    maps.append(try JSONValueDecoder().decode(ConfigMap.self, from: item))
                } catch {
                    findings.append(Finding(.error, .plugin, "ConfigMap \(key)", "can't be read: \(error)"))
                }
            }
        }
        return maps.sorted { ObjectKey($0.metadata) < ObjectKey($1.metadata) }
    }

    // MARK: One plugin

    private func read(_ map: ConfigMap) -> (plugin: RegisteredPlugin?, findings: [Finding]) {
        let object = "ConfigMap \(ObjectKey(map.metadata))"
        let plugin: StepPlugin
        var findings: [Finding] = []
        do {
            let (read, warnings) = try StepPlugin.reading(map)
            plugin = read
            findings = warnings.map { Finding(.warning, .plugin, object, "\($0); this release does not know it") }
        } catch {
            let remedy = "build it anew: kargo step-plugin build"
            let path = error.path.description
            return (nil, [Finding(.error, .plugin, object, field: path, "\(error.message); \(remedy)")])
        }
        findings += hiddenKinds(plugin, object) + refusals(plugin, object)
        let isUsable = !findings.contains { $0.state == .error }
        if findings.isEmpty {
            let kinds = plugin.spec.steps.map(\.kind).joined(separator: ", ")
            findings.append(Finding(.ok, .plugin, object, "runs \(kinds)"))
        }
        let registered = RegisteredPlugin(plugin: plugin, namespace: map.metadata.namespace, digest: "")
        return (isUsable ? registered : nil, findings)
    }

    private func hiddenKinds(_ plugin: StepPlugin, _ object: String) -> [Finding] {
        plugin.spec.steps.enumerated()
            .filter { BuiltinStepKinds.names.contains($1.kind) }
            .map { index, step in
                Finding(
                    .warning,
                    .plugin,
                    object,
                    field: "\(FieldPath("data", "steps.yaml").appending(index).appending("kind"))",
                    "\"\(step.kind)\" is a builtin kind, so that the plugin is never asked to run it; rename it"
                )
            }
    }

    private func refusals(_ plugin: StepPlugin, _ object: String) -> [Finding] {
        plugin.sidecarProblems(at: FieldPath("data", "sidecar.container"))
            .compactMap { problem in
                var advice = ""
                if let permission = problem.permission {
                    if policy.permits(permission) { return nil }
                    advice = ", or have the operator permit it (\(permission.policyField) of the Pod policy)"
                }
                return Finding(.error, .plugin, object, field: "\(problem.path)", "\(problem.message)\(advice)")
            }
    }

    // MARK: Plugins beside each other

    /// What keeps kinds from being run, and plugins from running in one Pod, said once for all Projects.
    private func conflicts(_ plugins: [RegisteredPlugin], _ catalog: PluginCatalog) -> [Finding] {
        let kinds = Set(plugins.flatMap { $0.plugin.spec.steps.map(\.kind) })
        let template = AgentPodTemplate(image: "", policy: policy)
        var conflicts: [Conflict: [String]] = [:]
        for project in projects.isEmpty ? [systemNamespace] : projects {
            let resolutions = catalog.resolve(
                kinds,
                project: project,
                systemNamespace: systemNamespace,
                isBuiltin: BuiltinStepKinds.names.contains
            )
            var running: Set<ObjectKey> = []
            for (kind, resolution) in resolutions {
                switch resolution {
                case .unusable(let reason):
                    conflicts[Conflict(state: .error, object: "kind \(kind)", reason: reason), default: []]
                        .append(project)
                case .plugin(let plugin): running.insert(ObjectKey(plugin.plugin.metadata))
                case .builtin, .unknown: break
                }
            }
            do {
                try template.check(plugins.filter { running.contains(ObjectKey($0.plugin.metadata)) })
            } catch {
                let reason = "\(error); a Promotion that uses both can't run"
                conflicts[Conflict(state: .warning, object: "plugins", reason: reason), default: []].append(project)
            }
        }
        return conflicts.sorted { $0.key < $1.key }.map { $0.finding(in: $1, of: projects.count) }
    }

    private struct Conflict: Hashable, Comparable {
        /// How many Projects are named.
        private static let named = 3

        var state: Finding.State
        var object: String
        var reason: String

        static func < (left: Conflict, right: Conflict) -> Bool {
            (left.object, left.reason) < (right.object, right.reason)
        }

        func finding(in projects: [String], of count: Int) -> Finding {
            var place = ""
            if count > 0 {
                let more = projects.count - Self.named
                place =
                    projects.count == count
                    ? "in every Project "
                    : "in \(projects.prefix(Self.named).joined(separator: ", "))\(more > 0 ? " and \(more) more" : "") "
            }
            return Finding(state, .plugin, object, "\(place)can't be used: \(reason)")
        }
    }
}

extension JSONValue {
    var objectKey: ObjectKey {
        ObjectKey(
            namespace: self[path: "metadata", "namespace"]?.stringValue ?? "",
            name: self[path: "metadata", "name"]?.stringValue ?? ""
        )
    }
}
