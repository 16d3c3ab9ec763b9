import KargoCore

/// Keeps account of who writes which fields in one request.
struct FieldTracking: Sendable {
    /// A new state of an object.
    struct Draft {
        var object: JSONValue
        /// Who has said what of it; nil where that follows from the difference to the state before.
        var managers: FieldManagers?
    }

    static let lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

    /// What of the metadata is nobody's but the server's.
    private static let serverFields = [
        "name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
        "deletionGracePeriodSeconds", "selfLink", "managedFields",
    ]

    private let definition: ResourceDefinition
    private let part: APIHandler.Part
    private let manager: FieldManagers.Manager
    private let time: String
    private let shape: FieldShape

    /// Begins the account of a request; the call says who writes, and `time` when.
    init(
        _ call: APICall,
        _ definition: ResourceDefinition,
        part: APIHandler.Part,
        _ operation: FieldManagers.Manager.Operation,
        time: String
    ) {
        self.definition = definition
        self.part = part
        self.time = time
        manager = FieldManagers.Manager(
            name: call.fieldManager,
            operation: operation,
            apiVersion: operation == .update ? definition.apiVersion : "",
            subresource: part == .status ? "status" : ""
        )
        shape = FieldShape(definition)
    }

    // MARK: Updates

    /// Who has said what of a new object.
    func created(_ object: JSONValue) -> FieldManagers {
        var managers = FieldManagers()
        let change = FieldComparison(from: comparable([:]), to: comparable(object), shape)
        managers.update(change, by: manager, time: time)
        return managers
    }

    /// Who has said what of an object after an update.
    ///
    /// - Parameters:
    ///   - object: The new state.
    ///   - old: The state before.
    ///   - known: The `managedFields` of the state before.
    ///   - sent: The `managedFields` that the client wants; it may change them.
    /// - Returns: The managers after the update.
    func updated(_ object: JSONValue, old: JSONValue, known: JSONValue?, sent: JSONValue?) -> FieldManagers {
        var managers = before(known: known, sent: sent)
        let change = FieldComparison(from: comparable(old), to: comparable(object), shape)
        if !change.isEmpty { managers.update(change, by: manager, time: time) }
        return managers
    }

    private func before(known: JSONValue?, sent: JSONValue?) -> FieldManagers {
        if part == .main {
            // One empty entry means that all shall be forgotten.
            if sent == [[:]] { return FieldManagers() }
            if sent != known, let managers = FieldManagers(sent), !managers.entries.isEmpty { return managers }
        }
        return FieldManagers(known, isStored: true) ?? FieldManagers()
    }

    // MARK: Server-side apply

    /// Who has said what of an object that comes to be by being applied.
    func createdByApplying(_ configuration: JSONValue) -> FieldManagers {
        var managers = FieldManagers()
        managers.apply(FieldSet(applied: owned(configuration), shape), by: manager, apiVersion: definition.apiVersion)
        managers.note(time, for: manager)
        return managers
    }

    /// Lays a configuration over an object and takes out what its manager no longer wants.
    ///
    /// - Parameters:
    ///   - configuration: What the manager wants, and no more.
    ///   - live: The object, with its `managedFields`.
    ///   - force: Whether to take fields from others.
    /// - Returns: The new state, with its managers.
    /// - Throws: ``APIFailure`` where others have said something else.
    func apply(_ configuration: JSONValue, to live: JSONValue, force: Bool) throws(APIFailure) -> Draft {
        var managers = FieldManagers(live[path: "metadata", "managedFields"], isStored: true) ?? FieldManagers()
        let last = managers.fields(of: manager)
        managers.apply(FieldSet(applied: owned(configuration), shape), by: manager, apiVersion: definition.apiVersion)
        var object = FieldMerge.merge(configuration, into: live, shape)
        object = FieldMerge.prune(
            object,
            last: last,
            owned: managers.all.union(FieldSet(applied: configuration, shape)),
            shape
        )
        let change = FieldComparison(from: comparable(live), to: comparable(object), shape)
        if !force {
            let conflicts = conflicts(managers, change, live)
            guard conflicts.isEmpty else { throw .applyConflict(conflicts) }
        }
        managers.yield(to: manager, change)
        if !change.isEmpty { managers.note(time, for: manager) }
        // kubectl goes on applying client-side from what was applied last.
        if manager.name == "kubectl", live[path: "metadata", "annotations", Self.lastApplied] != nil {
            var applied = configuration
            applied[path: "metadata", "annotations", Self.lastApplied] = nil
            object[path: "metadata", "annotations", Self.lastApplied] = .string(
                applied.text([.sortedKeys, .htmlSafe]) + "\n"
            )
        }
        return Draft(object: object, managers: managers)
    }

    private func conflicts(
        _ managers: FieldManagers,
        _ change: FieldComparison,
        _ live: JSONValue
    ) -> [FieldManagers.Manager: FieldSet] {
        let conflicts = managers.conflicts(of: manager, change)
        // What kubectl has applied client-side is its own, if nobody has changed it since.
        guard !conflicts.isEmpty, manager.name == "kubectl",
            let text = live[path: "metadata", "annotations", Self.lastApplied]?.stringValue,
            let applied = try? JSONValue(parsing: Array(text.utf8))
        else { return conflicts }
        let difference = FieldComparison(from: owned(applied), to: owned(live), shape)
        let allowed = FieldSet(applied: owned(applied), shape).subtracting(difference.changed)
            .subtracting(difference.removed)
        return conflicts.mapValues { $0.subtracting(allowed) }.filter { !$0.value.isEmpty }
    }

    // MARK: Parts

    /// The part of an object that this request can write.
    private func owned(_ object: JSONValue) -> JSONValue {
        if part == .status { return object["status"].map { ["status": $0] } ?? [:] }
        var object = object
        object["apiVersion"] = nil
        object["kind"] = nil
        if definition.hasStatus { object["status"] = nil }
        // What holds up the end of a namespace is the server's to say.
        if definition.resource == CoreResources.namespaces { object["spec"] = nil }
        for field in Self.serverFields { object[path: "metadata", field] = nil }
        if object["metadata"]?.objectValue?.isEmpty == true { object["metadata"] = nil }
        return object
    }

    /// The same with the parts that are always there, which come and go with nobody's doing.
    private func comparable(_ object: JSONValue) -> JSONValue {
        var value = owned(object)
        for name in ["metadata"] + (definition.isBuiltin ? ["spec", "status"] : []) where value[name] == nil {
            value[name] = [:]
        }
        return value
    }
}

extension APICall {
    /// Who writes: what the call says, or the name of the program.
    var fieldManager: String {
        if let name = query["fieldManager"], !name.isEmpty { return name }
        let program = String(userAgent.prefix { $0 != "/" })
        return program.isEmpty ? "unknown" : program
    }
}

extension APIFailure {
    /// Others have said something else of fields that are being applied.
    fileprivate static func applyConflict(_ conflicts: [FieldManagers.Manager: FieldSet]) -> APIFailure {
        let found = conflicts.map { ($0.key.description, $0.value.paths) }.sorted { $0.0 < $1.0 }
        let causes = found.flatMap { manager, paths in
            paths.map { path -> JSONValue in
                [
                    "reason": "FieldManagerConflict", "message": .string("conflict with \(manager)"),
                    "field": .string(path),
                ]
            }
        }
        let text =
            if causes.count == 1 {
                "1 conflict: conflict with \(found[0].0): \(found[0].1[0])"
            } else {
                "\(causes.count) conflicts: "
                    + found.map { manager, paths in
                        "conflicts with \(manager):\n" + paths.map { "- \($0)" }.joined(separator: "\n")
                    }
                    .joined(separator: "\n")
            }
        return APIFailure(409, "Conflict", "Apply failed with \(text)", details: ["causes": .array(causes)])
    }
}
