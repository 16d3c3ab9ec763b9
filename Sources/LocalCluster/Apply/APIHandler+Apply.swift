import KargoCore

extension APIHandler {
    static let applyMediaType = "application/apply-patch+yaml"

    /// Server-side apply: a client says what it wants of an object, and owns that.
    func apply(
        _ call: APICall,
        _ definition: ResourceDefinition,
        _ key: ObjectKey,
        part: Part
    ) async throws -> APIAnswer {
        guard call.query["fieldManager"]?.isEmpty == false else {
            throw APIFailure.patchOptions("fieldManager: Required value: is required for apply patch")
        }
        var warnings: [String] = []
        var configuration = try configuration(call, definition, &warnings)
        try fixIdentity(&configuration, definition, namespace: definition.isNamespaced ? key.namespace : nil)
        if let name = configuration[path: "metadata", "name"]?.stringValue, name != key.name {
            throw APIFailure.badRequest("the name of the object does not match the name on the URL (\(key.name))")
        }
        configuration[path: "metadata", "name"] = .string(key.name)
        let tracking = fieldTracking(call, definition, part: part, .apply)
        if store.get(definition.resource, key) == nil {
            guard part == .main else { throw APIFailure.notFound(definition.resource, key.name) }
            do {
                return try await create(applied: configuration, tracking, call, definition, warnings: warnings)
            } catch let refusal as ClusterStore.Refusal where refusal == .exists {
                // Somebody else was faster; then it is a change.
            }
        }
        return try await change(call, definition, key, part: part, warnings: warnings) { [configuration] live in
            try tracking.apply(configuration, to: live, force: call.flag("force"))
        }
    }

    private func create(
        applied configuration: JSONValue,
        _ tracking: FieldTracking,
        _ call: APICall,
        _ definition: ResourceDefinition,
        warnings: [String]
    ) async throws -> APIAnswer {
        let name = configuration[path: "metadata", "name"]?.stringValue ?? ""
        if let uid = configuration[path: "metadata", "uid"]?.stringValue, !uid.isEmpty {
            throw APIFailure.conflict(
                definition.resource,
                name,
                "uid mismatch: the provided object specified uid \(uid), and no existing object was found"
            )
        }
        var object = configuration
        object[path: "metadata", "resourceVersion"] = nil
        return try await create(
            FieldTracking.Draft(object: object, managers: tracking.createdByApplying(configuration)),
            call,
            definition,
            warnings: warnings
        )
    }

    /// What a client applies, without fields that the kind does not have.
    private func configuration(
        _ call: APICall,
        _ definition: ResourceDefinition,
        _ warnings: inout [String]
    ) throws -> JSONValue {
        var call = call
        // Clients send JSON under this name too, and only there are duplicate fields told.
        let isJSON = call.body.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
        call.contentType = isJSON ? "application/json" : "application/yaml"
        var configuration = try parse(call, &warnings)
        if configuration[path: "metadata", "managedFields"] != nil {
            throw APIFailure.badRequest("metadata.managedFields must be nil")
        }
        // Defaults are not what the client said.
        var complete = configuration
        for path in try normalize(&complete, call, definition, &warnings) { configuration.remove(path) }
        return configuration
    }

    func fieldTracking(
        _ call: APICall,
        _ definition: ResourceDefinition,
        part: Part,
        _ operation: FieldManagers.Manager.Operation
    ) -> FieldTracking {
        FieldTracking(call, definition, part: part, operation, time: KubernetesTime(now()).description)
    }
}

extension APIFailure {
    /// The query of a PATCH is wrong.
    static func patchOptions(_ problem: String) -> APIFailure {
        APIFailure(
            422,
            "Invalid",
            "PatchOptions.meta.k8s.io \"\" is invalid: \(problem)",
            details: ["group": "meta.k8s.io", "kind": "PatchOptions"]
        )
    }
}
