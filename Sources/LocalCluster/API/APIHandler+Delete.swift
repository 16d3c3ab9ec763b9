import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension APIHandler {
    func delete(_ call: APICall, _ definition: ResourceDefinition, _ key: ObjectKey) async throws -> APIAnswer {
        try call.checkWriteOptions()
        let options = try deleteOptions(call)
        let isDryRun = call.isDryRun || !options.dryRun.isEmpty
        let current = try stored(definition, key)
        if definition.resource == CoreResources.namespaces, CoreResources.lastingNamespaces.contains(key.name) {
            throw APIFailure.forbidden(definition.resource, key.name, "this namespace may not be deleted")
        }
        if let reviewer, !definition.isBuiltin {
            _ = try await reviewer.review(
                AdmissionRequest(
                    operation: .delete,
                    resource: definition.apiResource,
                    object: current.json(),
                    username: call.username,
                    isDryRun: isDryRun
                )
            )
        }
        if isDryRun {
            try checkPreconditions(options, current, definition)
            return .bytes(current.body)
        }
        return try await delete(definition, key, options: options)
    }

    func deleteCollection(
        _ call: APICall,
        _ target: ResourcePath,
        _ definition: ResourceDefinition
    ) async throws -> APIAnswer {
        guard !definition.isNamespaced || target.namespace != nil else { throw APIFailure.methodNotAllowed }
        let selection = try selection(call, target.namespace, definition)
        let page = try page(ListRequest(call), selection, definition)
        var deleted: [JSONValue] = []
        for object in page.objects {
            do {
                _ = try await delete(call, definition, object.key)
                deleted.append(try object.json())
            } catch let failure as APIFailure where failure.code == 404 {
                continue
            }
        }
        return .object([
            "apiVersion": .string(definition.apiVersion), "kind": .string(definition.listKind),
            "metadata": page.metadata, "items": .array(deleted),
        ])
    }

    private func deleteOptions(_ call: APICall) throws -> DeleteOptions {
        var options = DeleteOptions()
        if !call.body.isEmpty {
            let type = String(call.contentType.prefix { $0 != ";" })
            let isProtobuf = type == KubernetesProtobuf.mediaType
            guard type.isEmpty || type == "application/json" || isProtobuf else {
                throw APIFailure.unsupportedMediaType(
                    type,
                    supported: ["application/json", KubernetesProtobuf.mediaType]
                )
            }
            do {
                let value = try isProtobuf ? KubernetesProtobuf.object(call.body) : JSONValue(parsing: call.body)
                options = try JSONValueDecoder().decode(DeleteOptions.self, from: value)
            } catch {
                throw APIFailure.badRequest("the options of the deletion can't be read: \(error)")
            }
        }
        if let text = call.query["gracePeriodSeconds"] {
            guard let seconds = Int64(text) else {
                throw APIFailure.badRequest("gracePeriodSeconds must be a number, not \"\(text)\"")
            }
            options.gracePeriodSeconds = seconds
        }
        if let policy = call.query["propagationPolicy"], !policy.isEmpty { options.propagationPolicy = policy }
        if call.query["orphanDependents"] != nil { options.orphanDependents = call.flag("orphanDependents") }
        try check(options)
        return options
    }

    func check(_ options: DeleteOptions) throws(APIFailure) {
        if options.propagationPolicy != nil, options.orphanDependents != nil {
            throw .badRequest("propagationPolicy and orphanDependents can't both be given")
        }
        if let policy = options.propagationPolicy, PropagationPolicy(rawValue: policy) == nil {
            throw .badRequest("propagationPolicy must be Foreground, Background or Orphan, not \"\(policy)\"")
        }
        if !options.dryRun.isEmpty, options.dryRun != ["All"] { throw .badRequest("dryRun must be [\"All\"]") }
        if let seconds = options.gracePeriodSeconds, seconds < 0 {
            throw .badRequest("gracePeriodSeconds must not be negative")
        }
    }

    /// Deletes an object, or begins to where something has to happen first.
    func delete(
        _ definition: ResourceDefinition,
        _ key: ObjectKey,
        options: DeleteOptions
    ) async throws -> APIAnswer {
        while true {
            let current = try stored(definition, key)
            try checkPreconditions(options, current, definition)
            let object = try current.json()
            do {
                if let marked = marked(object, definition, options) {
                    if marked == object { return .bytes(current.body) }
                    return .bytes(try await store.commit(.update(current, marked)).body)
                }
                let last = try await remove(current)
                if definition.returnsDeleted { return .bytes(last.body) }
                return .object(success(current, definition))
            } catch let refusal as ClusterStore.Refusal where refusal == .changed {
                try Task.checkCancellation()
            }
        }
    }

    func checkPreconditions(
        _ options: DeleteOptions,
        _ current: StoredObject,
        _ definition: ResourceDefinition
    ) throws(APIFailure) {
        if let uid = options.preconditions?.uid, uid != current.uid {
            throw .conflict(
                definition.resource,
                current.key.name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(current.uid)"
            )
        }
        if let version = options.preconditions?.resourceVersion, version != String(current.version) {
            throw .changed(definition.resource, current.key.name)
        }
    }

    /// The object with the mark that it is being deleted; nil if it can go at once.
    private func marked(
        _ object: JSONValue,
        _ definition: ResourceDefinition,
        _ options: DeleteOptions
    ) -> JSONValue? {
        var object = object
        let grace = gracePeriod(of: object, definition, options)
        let isNamespace = definition.resource == CoreResources.namespaces
        addFinalizers(to: &object, definition, options)
        guard isNamespace || grace > 0 || !object.finalizers.isEmpty else { return nil }
        if object.isBeingDeleted {
            // A deletion under way can only become shorter.
            guard grace < object.gracePeriod else { return object }
        } else if let generation = object[path: "metadata", "generation"]?.intValue {
            object[path: "metadata", "generation"] = .int(generation + 1)
        }
        object[path: "metadata", "deletionTimestamp"] = .string(
            KubernetesTime(now().addingTimeInterval(Double(grace))).description
        )
        if isNamespace {
            object[path: "status", "phase"] = "Terminating"
        } else {
            object[path: "metadata", "deletionGracePeriodSeconds"] = .int(grace)
        }
        return object
    }

    /// Has the object wait for what has to be done about others before it goes.
    private func addFinalizers(
        to object: inout JSONValue,
        _ definition: ResourceDefinition,
        _ options: DeleteOptions
    ) {
        var finalizers = object.finalizers.filter { options.policy == nil || !Finalizer.isOfCollection($0) }
        switch options.policy {
        case .foreground: finalizers.append(Finalizer.foreground)
        case .orphan: finalizers.append(Finalizer.orphan)
        case .background, nil: break
        }
        if definition.resource == CoreResources.customResourceDefinitions, !object.isBeingDeleted,
            !finalizers.contains(Finalizer.instances),
            !store.list(ResourceID(definedBy: object), namespace: nil).objects.isEmpty
        {
            finalizers.append(Finalizer.instances)
        }
        guard finalizers != object.finalizers else { return }
        object[path: "metadata", "finalizers"] = finalizers.isEmpty ? nil : .array(finalizers)
    }

    /// Takes an object out for good.
    ///
    /// - Returns: The object as it was last, with the version of its end.
    @discardableResult
    func remove(_ current: StoredObject) async throws -> StoredObject {
        guard current.resource == CoreResources.customResourceDefinitions else {
            return try await store.commit(.delete(current))
        }
        let definition = try current.json()
        // First, so that whoever hears of its end finds the kind gone.
        catalog.remove(definition)
        do {
            return try await store.commit(.delete(current))
        } catch {
            try catalog.add(definition)
            throw error
        }
    }

    /// How many seconds the object's processes have to end; only Pods have any.
    private func gracePeriod(
        of object: JSONValue,
        _ definition: ResourceDefinition,
        _ options: DeleteOptions
    ) -> Int64 {
        guard definition.resource == CoreResources.pods else { return 0 }
        let phase = object[path: "status", "phase"]?.stringValue
        if phase == PodPhase.succeeded || phase == PodPhase.failed { return 0 }
        return max(
            0,
            options.gracePeriodSeconds ?? object[path: "spec", "terminationGracePeriodSeconds"]?.intValue ?? 30
        )
    }

    private func success(_ object: StoredObject, _ definition: ResourceDefinition) -> JSONValue {
        var details: JSONValue = [
            "name": .string(object.key.name), "kind": .string(definition.resource.plural), "uid": .string(object.uid),
        ]
        if !definition.resource.group.isEmpty { details["group"] = .string(definition.resource.group) }
        return ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details]
    }
}
