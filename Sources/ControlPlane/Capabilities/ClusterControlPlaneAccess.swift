public import KargoCore
public import KubernetesClient

/// Kargo's objects in a cluster, as steps read and write them.
public struct ClusterControlPlaneAccess: ControlPlaneAccess {
    /// How often an object may change between reading and writing it.
    private static let mostConflicts = 10

    private let objects: KargoObjects
    private let patience: Backoff

    /// Makes access to a cluster.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - patience: The pauses before a server is asked again that is too busy or can't be reached: a step must not
    ///     end for good because a server was restarted.
    public init(
        api: any KubernetesAPI,
        patience: Backoff = Backoff(first: .milliseconds(100), longest: .seconds(10))
    ) {
        objects = KargoObjects(api: api)
        self.patience = patience
    }

    /// Reads a Warehouse.
    public func warehouse(_ name: String, project: String) async throws -> Warehouse? {
        guard name.isObjectName else { return nil }
        do {
            return try await patience.retrying {
                try await objects.read(Warehouse.self, .warehouses, name, project)
            }
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    /// Adds to the metadata of a Stage or Freight, in its status.
    public func setMetadata(
        _ values: [String: JSONValue],
        of target: MetadataTarget,
        project: String
    ) async throws {
        let (resource, name): (APIResource, String) =
            switch target {
            case .stage(let name): (.stages, name)
            case .freight(let name): (.freights, name)
            }
        try await writing("\(resource.kind) \"\(name)\"", name, project) {
            for conflicts in 0... {
                do {
                    return try await setMetadata(values, resource, name, project)
                } catch let error as KubernetesError where error.code == .conflict && conflicts < Self.mostConflicts {
                    try await patience.pause(afterFailures: conflicts)
                }
            }
        }
    }

    private func setMetadata(
        _ values: [String: JSONValue],
        _ resource: APIResource,
        _ name: String,
        _ project: String
    ) async throws {
        let object = try await patience.retrying { try await objects.api.get(resource, namespace: project, name: name) }
        let old = object[path: "status", "metadata"] ?? [:]
        var new = old
        for (key, value) in values { new[key] = value.isNull ? nil : value }
        // Members that an old value has and the new one hasn't are named as gone, or they would stay.
        let change = old.mergePatch(to: new)
        guard change != [:] else { return }
        let patch: JSONValue = [
            "metadata": ["resourceVersion": object[path: "metadata", "resourceVersion"] ?? .null],
            "status": ["metadata": change],
        ]
        _ = try await patience.retrying {
            try await objects.api.patch(
                resource,
                namespace: project,
                name: name,
                subresource: "status",
                .merge(patch)
            )
        }
    }

    /// Gives Freight another alias.
    public func setFreightAlias(_ alias: String, of freight: String, project: String) async throws -> String {
        try await writing("Freight \"\(freight)\"", freight, project) {
            let old = try await patience.retrying { try await objects.freight(freight, project: project).alias }
            guard old != alias else { return old }
            // Admission does so too, where there is any.
            if let owner = try await owner(of: alias, project), owner != freight {
                throw ControlPlaneFailure("Freight \"\(owner)\" has it already")
            }
            let patch: JSONValue = [
                "metadata": ["labels": [KargoAPI.Label.alias: .string(alias)]], "alias": .string(alias),
            ]
            _ = try await patience.retrying {
                try await objects.api.patch(.freights, namespace: project, name: freight, .merge(patch))
            }
            return old
        }
    }

    private func owner(of alias: String, _ project: String) async throws -> String? {
        do {
            return try await patience.retrying {
                try await objects.freight(alias: alias, project: project).metadata.name
            }
        } catch let error as KubernetesError where error.code == .notFound || error.code == .badRequest {
            // What can't be the value of a label is refused when it is written.
            return nil
        }
    }

    /// Writes an Event; one of the same name is left as it is.
    public func recordEvent(_ event: Event) async throws {
        let object = try JSONValueEncoder().encode(event)
        do {
            _ = try await patience.retrying {
                try await objects.api.create(.events, namespace: event.metadata.namespace, object)
            }
        } catch let error as KubernetesError {
            guard error.code != .alreadyExists else { return }
            throw ControlPlaneFailure(error.message)
        }
    }

    /// Does what a step asks for, and says in its words what was not done.
    private func writing<Result>(
        _ object: String,
        _ name: String,
        _ project: String,
        _ body: () async throws -> Result
    ) async throws -> Result {
        guard name.isObjectName else { throw ControlPlaneFailure("there is no \(object) in Project \"\(project)\"") }
        do {
            return try await body()
        } catch let error as KubernetesError {
            guard error.code != .notFound else {
                throw ControlPlaneFailure("there is no \(object) in Project \"\(project)\"")
            }
            throw ControlPlaneFailure(error.message)
        }
    }
}
