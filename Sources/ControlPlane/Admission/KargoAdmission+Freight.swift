import KargoCore
import KubernetesClient

extension KargoAdmission {
    /// Fields of Freight that say what it is, and so never change.
    private static let content = ["origin", "commits", "images", "charts", "artifacts"]

    func reviewFreight(_ request: AdmissionRequest) async throws -> JSONValue {
        request.operation == .create ? try await completeFreight(request) : try await reviewChangedFreight(request)
    }

    /// Freight that a Stage has is what a Stage behind it may ask for next.
    func requireUnusedByStages(_ object: JSONValue) async throws {
        let metadata = object["metadata"]
        guard let name = metadata?["name"]?.stringValue, let project = metadata?["namespace"]?.stringValue else {
            return
        }
        let users = try await objects.api.list(.stages, namespace: project).items
            .map { try objects.decode(Stage.self, $0) }
            .filter { stage in stage.status.freightHistory.first?.items.values.contains { $0.name == name } == true }
            .map { "\"\($0.metadata.name)\"" }
            .sorted()
        guard users.isEmpty else {
            let stages = users.count == 1 ? "Stage \(users[0]) has" : "Stages \(users.joined(separator: ", ")) have"
            throw AdmissionFailure.forbidden(name, "\(stages) this Freight; promote another one there first")
        }
    }

    private func completeFreight(_ request: AdmissionRequest) async throws -> JSONValue {
        let freight = try objects.decode(Freight.self, request.object)
        let given = freight.metadata.name.isEmpty ? freight.metadata.generateName : freight.metadata.name
        guard freight.hasArtifacts else {
            throw AdmissionFailure.invalid(
                given,
                FieldPath([]),
                "must have at least one of commits, images, charts and artifacts"
            )
        }
        let project = freight.metadata.namespace
        do {
            _ = try await objects.api.get(.warehouses, namespace: project, name: freight.origin.name)
        } catch let error as KubernetesError where error.code == .notFound {
            throw AdmissionFailure.invalid(
                given,
                FieldPath("origin", "name"),
                "there is no Warehouse \"\(freight.origin.name)\" in Project \"\(project)\""
            )
        }
        var object = request.object
        object[path: "metadata", "name"] = .string(freight.generatedName)
        object[path: "metadata", "generateName"] = nil
        noteActor(&object, request)
        if freight.discoveredAt == nil { object["discoveredAt"] = .string(KubernetesTime(now()).description) }
        let alias = freight.alias.isEmpty ? try await unusedAlias(project: project) : freight.alias
        if !freight.alias.isEmpty { try await requireUnused(alias, project: project, except: nil, name: given) }
        Self.setAlias(alias, &object)
        return object
    }

    private func reviewChangedFreight(_ request: AdmissionRequest) async throws -> JSONValue {
        let freight = try objects.decode(Freight.self, request.object)
        for field in Self.content where request.object[field] != request.oldObject?[field] {
            throw AdmissionFailure.invalid(freight.metadata.name, FieldPath(field), "Freight can't be changed")
        }
        var object = request.object
        let annotation = KargoAPI.Annotation.createActor
        object[path: "metadata", "annotations", annotation] =
            request.oldObject?[path: "metadata", "annotations", annotation]
        guard !freight.alias.isEmpty else { return object }
        if request.oldObject?["alias"]?.stringValue != freight.alias {
            try await requireUnused(
                freight.alias,
                project: freight.metadata.namespace,
                except: freight.metadata.uid,
                name: freight.metadata.name
            )
        }
        Self.setAlias(freight.alias, &object)
        return object
    }

    private static func setAlias(_ alias: String, _ object: inout JSONValue) {
        object["alias"] = .string(alias)
        object[path: "metadata", "labels", KargoAPI.Label.alias] = .string(alias)
    }

    private func unusedAlias(project: String) async throws -> String {
        while true {
            let alias = aliases.next()
            if try await objects.labelledFreight(alias: alias, project: project) == nil { return alias }
        }
    }

    private func requireUnused(_ alias: String, project: String, except uid: String?, name: String) async throws {
        guard let other = try await objects.labelledFreight(alias: alias, project: project), other.metadata.uid != uid
        else { return }
        throw KubernetesError(
            .conflict,
            "\"\(name)\" can't have the alias \"\(alias)\", which Freight \"\(other.metadata.name)\" has already"
        )
    }
}
