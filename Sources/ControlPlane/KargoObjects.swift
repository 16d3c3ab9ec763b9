public import KargoCore
public import KubernetesClient

/// Reads Kargo's objects as what they are.
public struct KargoObjects: Sendable {
    /// The server.
    public let api: any KubernetesAPI

    /// Makes a reader.
    public init(api: any KubernetesAPI) {
        self.api = api
    }

    /// Reads a Stage.
    ///
    /// - Throws: `KubernetesError`, with code `notFound` if there is none.
    public func stage(_ name: String, project: String) async throws -> Stage {
        try await read(Stage.self, .stages, name, project)
    }

    /// Reads Freight by its name.
    ///
    /// - Throws: `KubernetesError`, with code `notFound` if there is none.
    public func freight(_ name: String, project: String) async throws -> Freight {
        try await read(Freight.self, .freights, name, project)
    }

    /// Reads Freight by its alias, which it carries as a label.
    ///
    /// Kargo's webhook sets that label; where there is none the field counts.
    ///
    /// - Throws: `KubernetesError`, with code `notFound` if there is none.
    public func freight(alias: String, project: String) async throws -> Freight {
        if let freight = try await labelledFreight(alias: alias, project: project) { return freight }
        for object in try await api.list(.freights, namespace: project).items
        where object["alias"]?.stringValue == alias && object[path: "metadata", "labels", KargoAPI.Label.alias] == nil {
            return try decode(Freight.self, object)
        }
        throw KubernetesError(.notFound, "there is no Freight with the alias \"\(alias)\" in Project \"\(project)\"")
    }

    /// The Freight that has an alias as its label.
    func labelledFreight(alias: String, project: String) async throws -> Freight? {
        let options = ListOptions(labelSelector: "\(KargoAPI.Label.alias)=\(alias)")
        let list = try await api.list(.freights, namespace: project, options: options)
        return try list.items.first.map { try decode(Freight.self, $0) }
    }

    /// Reads a Promotion.
    ///
    /// - Throws: `KubernetesError`, with code `notFound` if there is none.
    public func promotion(_ name: String, project: String) async throws -> Promotion {
        try await read(Promotion.self, .promotions, name, project)
    }

    /// Reads the variables and steps of a task.
    ///
    /// - Throws: `KubernetesError`, with code `notFound` if there is none.
    public func task(_ kind: TaskInflation.TaskKind, name: String, project: String) async throws -> PromotionTaskSpec {
        let (resource, namespace): (APIResource, String?) =
            switch kind {
            case .promotionTask: (.promotionTasks, project)
            case .clusterPromotionTask: (.clusterPromotionTasks, nil)
            }
        return try await read(PromotionTask.self, resource, name, namespace).spec
    }

    func read<Object: Decodable>(
        _ type: Object.Type,
        _ resource: APIResource,
        _ name: String,
        _ namespace: String?
    ) async throws -> Object {
        let object = try await api.get(resource, namespace: namespace, name: name)
        return try decode(type, object)
    }

    /// Takes an object of the server for what it is.
    ///
    /// - Throws: `KubernetesError` with code `badResponse` that names the object and the field.
    public func decode<Object: Decodable>(_ type: Object.Type, _ value: JSONValue) throws(KubernetesError) -> Object {
        do {
            return try JSONValueDecoder().decode(type, from: value)
        } catch {
            let kind = value["kind"]?.stringValue ?? "object"
            let name = value[path: "metadata", "name"]?.stringValue ?? ""
            throw KubernetesError(.badResponse, "\(kind) \"\(name)\" can't be read: \(error)")
        }
    }
}
