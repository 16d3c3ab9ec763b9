import KargoCore

/// Resolves the environment variables of a container.
struct ContainerEnvironment {
    /// What the Pod may know of itself.
    var downwardAPI: DownwardAPI
    /// What it refers to.
    var references: PodReferences

    /// The variables that the container's manifest gives it.
    ///
    /// - Throws: ``PodBlocker`` with reason `CreateContainerConfigError` for what is missing or makes no sense.
    func variables(of container: Container) throws(PodBlocker) -> [String: String] {
        var variables: [String: String] = [:]
        for source in container.envFrom {
            for (key, value) in try values(of: source, in: container) {
                let name = source.prefix + key
                // What can't be a name is passed over, as the kubelet does.
                if !name.isEmpty, !name.contains("="), !name.contains("\0") { variables[name] = value }
            }
        }
        for variable in container.env {
            if let source = variable.valueFrom {
                if let value = try value(of: source, in: container) { variables[variable.name] = value }
            } else {
                variables[variable.name] = variable.value.expandingVariables { variables[$0] }
            }
        }
        return variables
    }

    private func values(of source: EnvFromSource, in container: Container) throws(PodBlocker) -> [String: String] {
        if let reference = source.configMapRef {
            guard let configMap = references.configMaps[reference.name] else {
                guard reference.optional == true else {
                    throw .configuration(of: container.name, "configmap \"\(reference.name)\" not found")
                }
                return [:]
            }
            return configMap.data
        }
        guard let reference = source.secretRef else { return [:] }
        guard let secret = references.secrets[reference.name] else {
            guard reference.optional == true else {
                throw .configuration(of: container.name, "secret \"\(reference.name)\" not found")
            }
            return [:]
        }
        var values: [String: String] = [:]
        for key in secret.data.keys { values[key] = try text(key, of: secret, in: container) }
        return values
    }

    private func value(of source: EnvVarSource, in container: Container) throws(PodBlocker) -> String? {
        do {
            if let field = source.fieldRef { return try downwardAPI.field(field.fieldPath) }
            if let resource = source.resourceFieldRef { return try downwardAPI.resource(resource, of: container) }
        } catch {
            throw .configuration(of: container.name, error.message, remedy: .none)
        }
        if let reference = source.configMapKeyRef { return try value(of: reference, in: container) }
        if let reference = source.secretKeyRef { return try value(of: reference, in: container) }
        throw .configuration(of: container.name, "a source of an environment variable is not supported", remedy: .none)
    }

    private func value(of reference: ConfigMapKeySelector, in container: Container) throws(PodBlocker) -> String? {
        let name = "\(downwardAPI.pod.metadata.namespace)/\(reference.name)"
        if let configMap = references.configMaps[reference.name] {
            if let value = configMap.data[reference.key] { return value }
            if reference.optional == true { return nil }
            throw .configuration(of: container.name, "couldn't find key \(reference.key) in ConfigMap \(name)")
        }
        if reference.optional == true { return nil }
        throw .configuration(of: container.name, "configmap \"\(reference.name)\" not found")
    }

    private func value(of reference: SecretKeySelector, in container: Container) throws(PodBlocker) -> String? {
        let name = "\(downwardAPI.pod.metadata.namespace)/\(reference.name)"
        if let secret = references.secrets[reference.name] {
            if let value = try text(reference.key, of: secret, in: container) { return value }
            if reference.optional == true { return nil }
            throw .configuration(of: container.name, "couldn't find key \(reference.key) in Secret \(name)")
        }
        if reference.optional == true { return nil }
        throw .configuration(of: container.name, "secret \"\(reference.name)\" not found")
    }

    private func text(_ key: String, of secret: Secret, in container: Container) throws(PodBlocker) -> String? {
        do {
            return try secret.bytes(forKey: key).map { String(decoding: $0, as: UTF8.self) }
        } catch {
            throw .configuration(of: container.name, "secret \"\(secret.metadata.name)\": \(error.message)")
        }
    }
}
