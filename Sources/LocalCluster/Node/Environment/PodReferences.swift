import KargoCore
import KubernetesClient

/// The ConfigMaps and Secrets that a Pod refers to, and the tokens that it wants, as far as they are there.
struct PodReferences: Sendable {
    private(set) var configMaps: [String: ConfigMap] = [:]
    private(set) var secrets: [String: Secret] = [:]
    private(set) var tokens: [PodTokens.Source: String] = [:]

    /// Takes what is there.
    init(
        configMaps: [String: ConfigMap] = [:],
        secrets: [String: Secret] = [:],
        tokens: [PodTokens.Source: String] = [:]
    ) {
        self.configMaps = configMaps
        self.secrets = secrets
        self.tokens = tokens
    }

    /// Reads what a Pod refers to.
    ///
    /// - Throws: `KubernetesError`; that something is missing is no error.
    init(of pod: Pod, api: any KubernetesAPI, tokens: PodTokens) async throws {
        let names = Names(pod.spec)
        for source in pod.spec.volumes.flatMap({ $0.projected?.sources ?? [] }).compactMap(\.serviceAccountToken) {
            self.tokens[source] = try await tokens.token(for: source, of: pod)
        }
        for name in names.configMaps.sorted() {
            configMaps[name] = try await Self.read(.configMaps, pod.metadata.namespace, name, api)
        }
        for name in names.secrets.sorted() {
            secrets[name] = try await Self.read(.secrets, pod.metadata.namespace, name, api)
        }
    }

    /// The names of the ConfigMaps or Secrets that a Pod refers to.
    static func names(_ resource: APIResource, of spec: PodSpec) -> Set<String> {
        let names = Names(spec)
        return resource == .secrets ? names.secrets : names.configMaps
    }

    private static func read<Object: Decodable>(
        _ resource: APIResource,
        _ namespace: String,
        _ name: String,
        _ api: any KubernetesAPI
    ) async throws -> Object? {
        do {
            let value = try await api.get(resource, namespace: namespace, name: name)
            return try JSONValueDecoder().decode(Object.self, from: value)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }
}

private struct Names {
    var configMaps: Set<String> = []
    var secrets: Set<String> = []

    init(_ spec: PodSpec) {
        for container in spec.initContainers + spec.containers {
            for source in container.envFrom {
                if let reference = source.configMapRef { configMaps.insert(reference.name) }
                if let reference = source.secretRef { secrets.insert(reference.name) }
            }
            for source in container.env.compactMap(\.valueFrom) {
                if let reference = source.configMapKeyRef { configMaps.insert(reference.name) }
                if let reference = source.secretKeyRef { secrets.insert(reference.name) }
            }
        }
        for volume in spec.volumes {
            if let source = volume.configMap { configMaps.insert(source.name) }
            if let source = volume.secret { secrets.insert(source.secretName) }
            for source in volume.projected?.sources ?? [] {
                if let source = source.configMap { configMaps.insert(source.name) }
                if let source = source.secret { secrets.insert(source.name) }
            }
        }
        configMaps.remove("")
        secrets.remove("")
    }
}
