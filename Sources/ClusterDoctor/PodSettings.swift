import AgentPod
import KargoCore
import KubernetesClient

/// What a container is configured with, as far as that stands in ConfigMaps and the Pod itself.
struct PodSettings {
    let api: any KubernetesAPI
    let namespace: String
    let pod: PodSpec
    let container: Container

    /// The variables whose values can be known; an empty one is none.
    func environment(_ findings: inout [Finding]) async throws -> [String: String] {
        var environment: [String: String] = [:]
        for source in container.envFrom {
            guard let reference = source.configMapRef else { continue }
            let isOptional = reference.optional ?? false
            for (key, value) in try await data(reference.name, isOptional: isOptional, &findings) ?? [:] {
                environment[source.prefix + key] = value
            }
        }
        for variable in container.env {
            environment[variable.name] = variable.value
            guard let reference = variable.valueFrom?.configMapKeyRef else { continue }
            let data = try await data(reference.name, isOptional: reference.optional ?? false, &findings)
            environment[variable.name] = data?[reference.key]
        }
        return environment.filter { !$0.value.isEmpty }
    }

    /// The Pod policy in the file of a path; nil if it is not known.
    func policy(_ path: String?, _ findings: inout [Finding]) async throws -> PodPolicy? {
        guard let path else { return PodPolicy() }
        guard let (map, key) = configMap(ofFile: path) else {
            findings.append(
                Finding(
                    .warning,
                    .controller,
                    "file \(path)",
                    "is in no ConfigMap, so that the Pod policy is not known; give it with --pod-policy"
                )
            )
            return nil
        }
        guard let data = try await data(map, isOptional: false, &findings) else { return nil }
        let (object, remedy) = ("ConfigMap \(namespace)/\(map)", "the controller does not start with it")
        do {
            guard let text = data[key] else { throw FieldError(message: "is missing") }
            let policy = try PodPolicy(text: text)
            findings.append(Finding(.ok, .controller, object, field: "data[\(key)]", "is a Pod policy"))
            return policy
        } catch {
            findings.append(Finding(.error, .controller, object, field: "data[\(key)]", "\(error); \(remedy)"))
            return nil
        }
    }

    /// The ConfigMap and the key in it that a file is.
    private func configMap(ofFile path: String) -> (name: String, key: String)? {
        let mounts = container.volumeMounts.sorted { $0.mountPath.count > $1.mountPath.count }
        for mount in mounts where path == mount.mountPath || path.hasPrefix("\(mount.mountPath)/") {
            guard let source = pod.volumes.first(where: { $0.name == mount.name })?.configMap else { return nil }
            let rest = path == mount.mountPath ? mount.subPath : String(path.dropFirst(mount.mountPath.count + 1))
            return (source.name, source.items.first { $0.path == rest }?.key ?? rest)
        }
        return nil
    }

    private func data(
        _ name: String,
        isOptional: Bool,
        _ findings: inout [Finding]
    ) async throws -> [String: String]? {
        let object = "ConfigMap \(namespace)/\(name)"
        let examination = try await Examination(.controller, object) {
            try await api.get(.configMaps, namespace: namespace, name: name)
        }
        switch examination {
        case .found(let value): return value["data"]?.objectValue?.compactMapValues(\.stringValue) ?? [:]
        case .missing:
            if !isOptional {
                findings.append(
                    Finding(
                        .error,
                        .controller,
                        object,
                        "is not there, but the controller's Deployment needs it; add it"
                    )
                )
            }
            return nil
        case .refused(let finding):
            if !findings.contains(finding) { findings.append(finding) }
            return nil
        }
    }
}
