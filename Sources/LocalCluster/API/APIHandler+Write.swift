import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension APIHandler {
    /// The part of an object that a write is about.
    enum Part {
        case main
        case status
        /// The finalizers in the spec of a Namespace.
        case finalizers
    }

    /// How often a write begins anew because the object has changed under it; more often than there are writers.
    private static let attempts = 200
    /// How often a generated name is tried.
    private static let nameAttempts = 8

    // MARK: Create

    func create(_ call: APICall, _ definition: ResourceDefinition, namespace: String?) async throws -> APIAnswer {
        try call.checkWriteOptions()
        try requireLivingDefinition(definition)
        var warnings: [String] = []
        var object = try parse(call, &warnings)
        try fixIdentity(&object, definition, namespace: namespace)
        if let version = object[path: "metadata", "resourceVersion"]?.stringValue, !version.isEmpty {
            throw APIFailure.badRequest("resourceVersion should not be set on objects to be created")
        }
        let prefix = object[path: "metadata", "generateName"]?.stringValue ?? ""
        let isGenerated = (object[path: "metadata", "name"]?.stringValue ?? "").isEmpty && !prefix.isEmpty
        for attempt in 1...Self.nameAttempts {
            var candidate = object
            if isGenerated { candidate[path: "metadata", "name"] = .string(Self.generateName(prefix)) }
            do {
                return try await create(
                    FieldTracking.Draft(object: candidate),
                    call,
                    definition,
                    warnings: warnings
                )
            } catch let refusal as ClusterStore.Refusal where refusal == .exists {
                let name = candidate[path: "metadata", "name"]?.stringValue ?? ""
                if !isGenerated || attempt == Self.nameAttempts {
                    throw APIFailure.alreadyExists(definition.resource, name)
                }
            }
        }
        throw APIFailure(500, "InternalError", "no free name was found")
    }

    func create(
        _ draft: FieldTracking.Draft,
        _ call: APICall,
        _ definition: ResourceDefinition,
        warnings: [String]
    ) async throws -> APIAnswer {
        var object = draft.object
        var warnings = warnings
        if definition.hasStatus { object["status"] = nil }
        for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "managedFields"] {
            object[path: "metadata", field] = nil
        }
        object[path: "metadata", "uid"] = .string(UUID().uuidString.lowercased())
        object[path: "metadata", "creationTimestamp"] = .string(KubernetesTime(now()).description)
        if definition.hasGeneration { object[path: "metadata", "generation"] = 1 }
        try normalize(&object, call, definition, &warnings)
        object = try await admit(.create, object, old: nil, call, definition)
        // A reviewer may have named the object, so names are looked at after it.
        let name = object[path: "metadata", "name"]?.stringValue ?? ""
        let namespace = object[path: "metadata", "namespace"]?.stringValue
        try check(object, old: nil, definition, name: name)
        if let namespace { try requireNamespace(namespace, for: definition, name: name) }
        let managers = draft.managers ?? fieldTracking(call, definition, part: .main, .update).created(object)
        if definition.resource == CoreResources.pods { try addAccount(to: &object) }
        object[path: "metadata", "managedFields"] = managers.json
        if call.isDryRun {
            if store.get(definition.resource, ObjectKey(namespace: namespace ?? "", name: name)) != nil {
                throw ClusterStore.Refusal.exists
            }
            return .object(object, status: 201, warnings: warnings)
        }
        let stored = try await store.commit(.create(definition.resource, object))
        try noteWrite(stored, definition)
        return .bytes(stored.body, status: 201, warnings: warnings)
    }

    /// The whole name fits a label.
    private static func generateName(_ prefix: String) -> String { prefix.prefix(58) + randomSuffix() }

    /// Five characters that can't spell anything, as Kubernetes appends them to names.
    static func randomSuffix() -> String {
        let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<5).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }

    // MARK: Change

    func replace(
        _ call: APICall,
        _ definition: ResourceDefinition,
        _ key: ObjectKey,
        part: Part
    ) async throws -> APIAnswer {
        try call.checkWriteOptions()
        var warnings: [String] = []
        var object = try parse(call, &warnings)
        try fixIdentity(&object, definition, namespace: definition.isNamespaced ? key.namespace : nil)
        guard object[path: "metadata", "name"]?.stringValue == key.name else {
            throw APIFailure.badRequest("the name of the object does not match the name on the URL (\(key.name))")
        }
        if definition.replacesVersions, (object[path: "metadata", "resourceVersion"]?.stringValue ?? "").isEmpty {
            let path = FieldPath("metadata", "resourceVersion")
            let message = "Invalid value: 0x0: must be specified for an update"
            throw APIFailure.invalid(
                definition,
                key.name,
                [ValidationCause(reason: .invalid, path: path, message: message)]
            )
        }
        return try await change(call, definition, key, part: part, warnings: warnings) { _ in
            FieldTracking.Draft(object: object)
        }
    }

    func patch(
        _ call: APICall,
        _ definition: ResourceDefinition,
        _ key: ObjectKey,
        part: Part
    ) async throws -> APIAnswer {
        try call.checkWriteOptions()
        let type = String(call.contentType.prefix { $0 != ";" })
        if type == Self.applyMediaType { return try await apply(call, definition, key, part: part) }
        if call.query["force"] != nil {
            throw APIFailure.patchOptions("force: Forbidden: may not be specified for non-apply patch")
        }
        var duplicates: [FieldPath] = []
        let patch = try ObjectPatching(type: type, allowsStrategic: definition.isBuiltin) { () throws(SyntaxError) in
            try JSONValue(parsing: call.body) { duplicates.append($0) }
        }
        let warnings = duplicates.map { "duplicate field \"\($0)\"" }
        return try await change(call, definition, key, part: part, warnings: warnings) { old in
            var object = try patch.apply(to: old)
            try self.fixIdentity(&object, definition, namespace: definition.isNamespaced ? key.namespace : nil)
            guard object[path: "metadata", "name"]?.stringValue == key.name else {
                throw APIFailure.badRequest("a patch can't change the name of an object")
            }
            return FieldTracking.Draft(object: object)
        }
    }

    /// Makes a new state of an object from the present one, anew if it changes meanwhile.
    func change(
        _ call: APICall,
        _ definition: ResourceDefinition,
        _ key: ObjectKey,
        part: Part,
        warnings: [String],
        _ make: (JSONValue) throws -> FieldTracking.Draft
    ) async throws -> APIAnswer {
        let tracking = fieldTracking(call, definition, part: part, .update)
        for _ in 0..<Self.attempts {
            var warnings = warnings
            let current = try stored(definition, key)
            var old = try current.json()
            if definition.hasOtherVersions { old["apiVersion"] = .string(definition.apiVersion) }
            let draft = try make(old)
            var object = draft.object
            let known = old[path: "metadata", "managedFields"]
            let sent = object[path: "metadata", "managedFields"]
            old[path: "metadata", "managedFields"] = nil
            if let version = object[path: "metadata", "resourceVersion"]?.stringValue, !version.isEmpty,
                version != String(current.version)
            {
                throw APIFailure.changed(definition.resource, key.name)
            }
            if let uid = object[path: "metadata", "uid"]?.stringValue, !uid.isEmpty, uid != current.uid {
                throw APIFailure.conflict(
                    definition.resource,
                    key.name,
                    "Precondition failed: UID in precondition: \(uid), UID in object meta: \(current.uid)"
                )
            }
            keepWhatIsNotWritten(&object, old, definition, part: part)
            try normalize(&object, call, definition, &warnings)
            object = try await admit(.update, object, old: old, call, definition)
            keepWhatIsNotWritten(&object, old, definition, part: part)
            // The status of a definition follows from its spec.
            if definition.resource == CoreResources.customResourceDefinitions {
                _ = try definition.model.normalize(&object)
            }
            if part != .status { countGeneration(&object, old, definition) }
            try check(object, old: old, definition, name: key.name)
            let managers = draft.managers ?? tracking.updated(object, old: old, known: known, sent: sent)
            if object == old, managers == FieldManagers(known, isStored: true) ?? FieldManagers() {
                return .bytes(current.body, warnings: warnings)
            }
            object[path: "metadata", "managedFields"] = managers.json
            if call.isDryRun { return .object(object, warnings: warnings) }
            do {
                if object.isReleased(from: definition.resource) {
                    try await remove(current)
                    return .object(object, warnings: warnings)
                }
                let stored = try await store.commit(.update(current, object))
                try noteWrite(stored, definition)
                return .bytes(stored.body, warnings: warnings)
            } catch let refusal as ClusterStore.Refusal where refusal == .changed {
                continue
            }
        }
        throw APIFailure.changed(definition.resource, key.name)
    }

    /// Puts back what a write of this part can't change.
    private func keepWhatIsNotWritten(
        _ object: inout JSONValue,
        _ old: JSONValue,
        _ definition: ResourceDefinition,
        part: Part
    ) {
        switch part {
        case .status:
            let status = object["status"]
            object = old
            object["status"] = status
            return
        case .finalizers:
            let finalizers = object[path: "spec", "finalizers"]
            object = old
            object[path: "spec", "finalizers"] = finalizers
            return
        case .main: break
        }
        if definition.resource == CoreResources.namespaces {
            object[path: "spec", "finalizers"] = old[path: "spec", "finalizers"]
        }
        if definition.hasStatus { object["status"] = old["status"] }
        for field in [
            "uid", "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds",
            "resourceVersion", "generateName",
        ] {
            object[path: "metadata", field] = old[path: "metadata", field]
        }
        object[path: "metadata", "managedFields"] = nil
        object[path: "metadata", "selfLink"] = nil
    }

    /// A new generation for whatever is neither metadata nor status.
    private func countGeneration(_ object: inout JSONValue, _ old: JSONValue, _ definition: ResourceDefinition) {
        guard definition.hasGeneration else { return }
        func content(_ value: JSONValue) -> JSONValue {
            var value = value
            value["metadata"] = nil
            if definition.hasStatus { value["status"] = nil }
            return value
        }
        guard content(object) != content(old) else { return }
        let generation = old[path: "metadata", "generation"]?.intValue ?? 0
        object[path: "metadata", "generation"] = .int(generation + 1)
    }

    // MARK: Steps of a write

    @discardableResult
    func normalize(
        _ object: inout JSONValue,
        _ call: APICall,
        _ definition: ResourceDefinition,
        _ warnings: inout [String]
    ) throws -> [FieldPath] {
        do {
            let unknown = try definition.model.normalize(&object)
            warnings += unknown.map { "unknown field \"\($0)\"" }
            try report(&warnings, call, definition)
            return unknown
        } catch let error as FieldError {
            throw APIFailure.badRequest(
                "\(definition.kind) in version \"\(definition.version)\" cannot be handled as a \(definition.kind): "
                    + "\(error)"
            )
        }
    }

    private func admit(
        _ operation: AdmissionRequest.Operation,
        _ object: JSONValue,
        old: JSONValue?,
        _ call: APICall,
        _ definition: ResourceDefinition
    ) async throws -> JSONValue {
        guard let reviewer, !definition.isBuiltin else { return object }
        return try await reviewer.review(
            AdmissionRequest(
                operation: operation,
                resource: definition.apiResource,
                object: object,
                oldObject: old,
                username: call.username,
                isDryRun: call.isDryRun
            )
        )
    }

    private func check(_ object: JSONValue, old: JSONValue?, _ definition: ResourceDefinition, name: String) throws {
        var causes = MetadataCheck.causes(
            object,
            old: old,
            name: name,
            isNamespace: definition.resource == CoreResources.namespaces
        )
        causes += definition.model.validate(object, old: old)
        if !causes.isEmpty { throw APIFailure.invalid(definition, name, causes) }
    }
}

extension ResourceDefinition {
    /// Whether who replaces an object has to say which version.
    fileprivate var replacesVersions: Bool {
        !isBuiltin || resource == CoreResources.customResourceDefinitions || resource.plural == "leases"
    }

    /// Whether changes of the content are counted, as for custom kinds, their definitions and Pods.
    var hasGeneration: Bool {
        !isBuiltin || resource == CoreResources.pods || resource == CoreResources.customResourceDefinitions
    }
}

extension JSONValue {
    var isBeingDeleted: Bool { self[path: "metadata", "deletionTimestamp"]?.stringValue != nil }

    var finalizers: [JSONValue] { self[path: "metadata", "finalizers"]?.arrayValue ?? [] }

    /// The seconds that the object has left, or zero.
    var gracePeriod: Int64 { self[path: "metadata", "deletionGracePeriodSeconds"]?.intValue ?? 0 }
}
