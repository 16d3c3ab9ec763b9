public import KargoCore
public import KubernetesClient

/// Reads from a cluster what functions of expressions ask for.
public struct ClusterExpressionData: ExpressionData {
    private let objects: KargoObjects
    private let sharedNamespace: String
    private let patience: Backoff?

    /// Makes a reader.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - sharedNamespace: The namespace for all Projects; Kargo calls it `SHARED_RESOURCES_NAMESPACE`.
    ///   - patience: The pauses before a server is asked again that is too busy or can't be reached; nil to fail at
    ///     once. A step must not end for good because a server was restarted.
    public init(api: any KubernetesAPI, sharedNamespace: String, patience: Backoff? = nil) {
        objects = KargoObjects(api: api)
        self.sharedNamespace = sharedNamespace
        self.patience = patience
    }

    /// Reads a ConfigMap.
    public func configMap(_ name: String, in space: ExpressionSpace) async throws -> ConfigMap? {
        try await read(ConfigMap.self, .configMaps, name, namespace(of: space))
    }

    /// Reads a Secret.
    public func secret(_ name: String, in space: ExpressionSpace) async throws -> Secret? {
        try await read(Secret.self, .secrets, name, namespace(of: space))
    }

    /// Reads a Warehouse.
    public func warehouse(_ name: String, project: String) async throws -> Warehouse? {
        try await read(Warehouse.self, .warehouses, name, project)
    }

    /// Reads Freight.
    public func freight(_ name: String, project: String) async throws -> Freight? {
        try await read(Freight.self, .freights, name, project)
    }

    /// Reads a Stage.
    public func stage(_ name: String, project: String) async throws -> Stage? {
        try await read(Stage.self, .stages, name, project)
    }

    private func namespace(of space: ExpressionSpace) -> String {
        switch space {
        case .project(let project): project
        case .shared: sharedNamespace
        }
    }

    private func read<Object: Decodable>(
        _ type: Object.Type,
        _ resource: APIResource,
        _ name: String,
        _ namespace: String
    ) async throws -> Object? {
        // An expression may make up any name; a server would take some of them for a path.
        guard name.isObjectName else { return nil }
        var failures = 0
        while true {
            do {
                return try await objects.read(type, resource, name, namespace)
            } catch let error as KubernetesError {
                if error.code == .notFound { return nil }
                guard error.isTransient, let patience else { throw error }
                try await patience.pause(afterFailures: failures, of: error)
                failures += 1
            }
        }
    }
}
