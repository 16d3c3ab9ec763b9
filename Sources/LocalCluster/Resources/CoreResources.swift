import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The kinds that every cluster has.
enum CoreResources {
    static let namespaces = ResourceID(group: "", plural: "namespaces")
    static let pods = ResourceID(group: "", plural: "pods")
    static let configMaps = ResourceID(group: "", plural: "configmaps")
    static let secrets = ResourceID(group: "", plural: "secrets")
    static let serviceAccounts = ResourceID(group: "", plural: "serviceaccounts")
    static let events = ResourceID(group: "", plural: "events")
    /// Events under other names; see ``EventView``.
    static let eventView = ResourceID(group: "events.k8s.io", plural: "events")
    static let customResourceDefinitions = ResourceID(
        group: "apiextensions.k8s.io",
        plural: "customresourcedefinitions"
    )

    /// Namespaces that can't be deleted.
    static let lastingNamespaces: Set<String> = ["default", "kube-system"]

    static let definitions: [ResourceDefinition] =
        [
            namespace, configMap, secret, serviceAccount, pod, event, eventInItsGroup, lease, customResourceDefinition,
        ] + roles + reviews

    private static let namespace = builtin(
        "namespaces",
        "Namespace",
        shortNames: ["ns"],
        isNamespaced: false,
        hasStatus: true,
        model: TypedObjectModel<Namespace>(complete: { object in
            let name = object[path: "metadata", "name"]
            object[path: "metadata", "labels", "kubernetes.io/metadata.name"] = name
            if object[path: "spec", "finalizers"] == nil { object[path: "spec", "finalizers"] = ["kubernetes"] }
            if object[path: "status", "phase"] == nil { object[path: "status", "phase"] = "Active" }
        }),
        columns: [
            text("Status") { $0[path: "status", "phase"] ?? "" }, .age,
        ],
        subresources: [ResourceDefinition.Subresource(name: "finalize", kind: "Namespace", verbs: ["update"])]
    )

    private static let configMap = builtin(
        "configmaps",
        "ConfigMap",
        shortNames: ["cm"],
        model: TypedObjectModel<ConfigMap>(check: { map, old in
            sizeCauses(map.data.map(\.value.utf8.count) + map.binaryData.map { $0.value.utf8.count / 4 * 3 })
                + immutableCauses(
                    isImmutable: old?.immutable,
                    isSame: map.data == old?.data && map.binaryData == old?.binaryData
                ) + keyCauses("data", map.data.keys) + keyCauses("binaryData", map.binaryData.keys)
        }),
        columns: [
            number("Data") { ($0["data"]?.objectValue?.count ?? 0) + ($0["binaryData"]?.objectValue?.count ?? 0) },
            .age,
        ]
    )

    private static let secret = builtin(
        "secrets",
        "Secret",
        model: TypedObjectModel<Secret>(
            complete: { object in
                for (key, value) in object["stringData"]?.objectValue ?? [:] {
                    object[path: "data", key] = .string(Data((value.stringValue ?? "").utf8).base64EncodedString())
                }
                object["stringData"] = nil
                if object["type"] == nil { object["type"] = "Opaque" }
            },
            check: { secret, old in
                var causes = immutableCauses(isImmutable: old?.immutable, isSame: secret.data == old?.data)
                causes += sizeCauses(secret.data.map { $0.value.utf8.count / 4 * 3 })
                for key in secret.data.keys.sorted() where (try? secret.bytes(forKey: key)) == nil {
                    causes.append(.invalid(FieldPath("data", key), "<redacted>", "must be base64"))
                }
                causes += keyCauses("data", secret.data.keys)
                if let old, old.type != secret.type {
                    causes.append(.invalid(FieldPath("type"), .string(secret.type), "field is immutable"))
                }
                return causes
            }
        ),
        columns: [
            text("Type") { $0["type"] ?? "" }, number("Data") { $0["data"]?.objectValue?.count ?? 0 }, .age,
        ]
    )

    private static let serviceAccount = builtin(
        "serviceaccounts",
        "ServiceAccount",
        shortNames: ["sa"],
        model: TypedObjectModel<ServiceAccount>(),
        columns: [number("Secrets") { $0["secrets"]?.arrayValue?.count ?? 0 }, .age],
        subresources: [
            ResourceDefinition.Subresource(
                name: "token",
                group: "authentication.k8s.io",
                kind: "TokenRequest",
                verbs: ["create"]
            )
        ]
    )

    private static let event = builtin(
        "events",
        "Event",
        shortNames: ["ev"],
        model: TypedObjectModel<Event>(),
        columns: [
            TableColumn(name: "Last Seen", type: "string") { object, now in
                let moments = [object["lastTimestamp"], object["eventTime"], object["firstTimestamp"]]
                let moment = moments.compactMap { $0 }.first { !$0.isNull }
                return .string(TableColumn.age(since: moment, at: now))
            },
            text("Type") { $0["type"] ?? "" },
            text("Reason") { $0["reason"] ?? "" },
            text("Object") { event in
                let object = event["involvedObject"]
                let kind = object?["kind"]?.stringValue?.lowercased() ?? ""
                return .string("\(kind)/\(object?["name"]?.stringValue ?? "")")
            },
            text("Subobject", priority: 1) { $0[path: "involvedObject", "fieldPath"] ?? "" },
            text("Source", priority: 1) { event in
                let parts = [event[path: "source", "component"], event[path: "source", "host"]]
                return .string(parts.compactMap { $0?.stringValue }.joined(separator: ", "))
            },
            text("Message") { .string(($0["message"]?.stringValue ?? "").filter { $0 != "\n" }) },
            TableColumn(name: "First Seen", type: "string", priority: 1) { object, now in
                let moments = [object["firstTimestamp"], object["eventTime"]]
                return .string(TableColumn.age(since: moments.compactMap { $0 }.first { !$0.isNull }, at: now))
            },
            text("Count", priority: 1) { .string(String($0["count"]?.intValue ?? 1)) },
            TableColumn(name: "Name", type: "string", format: "name", priority: 1, cell: TableColumn.name.cell),
        ]
    )

    private static let eventInItsGroup = builtin(
        "events",
        "Event",
        group: eventView.group,
        shortNames: ["ev"],
        model: TypedObjectModel<GroupEvent>(),
        columns: []
    )

    private static let lease = builtin(
        "leases",
        "Lease",
        group: "coordination.k8s.io",
        model: TypedObjectModel<Lease>(),
        columns: [text("Holder") { $0[path: "spec", "holderIdentity"] ?? "" }, .age]
    )

    private static let customResourceDefinition = builtin(
        "customresourcedefinitions",
        "CustomResourceDefinition",
        group: "apiextensions.k8s.io",
        shortNames: ["crd", "crds"],
        isNamespaced: false,
        hasStatus: true,
        model: CustomResourceDefinitionModel(),
        columns: [
            TableColumn(name: "Created At", type: "date") { object, _ in
                object[path: "metadata", "creationTimestamp"] ?? .null
            }
        ]
    )

    static func builtin(
        _ plural: String,
        _ kind: String,
        group: String = "",
        shortNames: [String] = [],
        categories: [String] = [],
        isNamespaced: Bool = true,
        hasStatus: Bool = false,
        model: any ObjectModel,
        columns: [TableColumn],
        subresources: [ResourceDefinition.Subresource] = []
    ) -> ResourceDefinition {
        ResourceDefinition(
            resource: ResourceID(group: group, plural: plural),
            version: "v1",
            kind: kind,
            singular: kind.lowercased(),
            shortNames: shortNames,
            categories: categories,
            isNamespaced: isNamespaced,
            hasStatus: hasStatus,
            subresources: subresources,
            model: model,
            columns: columns,
            isBuiltin: true
        )
    }

    static func text(
        _ name: String,
        priority: Int64 = 0,
        _ cell: @escaping @Sendable (JSONValue) -> JSONValue
    ) -> TableColumn {
        TableColumn(name: name, type: "string", priority: priority) { object, _ in cell(object) }
    }

    private static func number(_ name: String, _ cell: @escaping @Sendable (JSONValue) -> Int) -> TableColumn {
        TableColumn(name: name, type: "string") { object, _ in .int(Int64(cell(object))) }
    }

    /// What is wrong with the size of the values of a ConfigMap or a Secret.
    private static func sizeCauses(_ sizes: [Int]) -> [ValidationCause] {
        guard sizes.reduce(0, +) > 1 << 20 else { return [] }
        let message = "Too long: may not be more than 1048576 bytes"
        return [ValidationCause(reason: .tooLong, path: FieldPath("data"), message: message)]
    }

    /// What is wrong with the keys of a ConfigMap or a Secret.
    private static func keyCauses(_ field: String, _ keys: some Sequence<String>) -> [ValidationCause] {
        let allowed = { (character: Character) in
            character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
        }
        return keys.sorted().filter { $0.isEmpty || $0.utf8.count > 253 || !$0.allSatisfy(allowed) }
            .map { key in
                let rule = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
                return .invalid(FieldPath(field, key), .string(key), rule)
            }
    }

    private static func immutableCauses(isImmutable: Bool?, isSame: Bool) -> [ValidationCause] {
        guard isImmutable == true, !isSame else { return [] }
        let path = FieldPath("data")
        return [ValidationCause(reason: .forbidden, path: path, message: "field is immutable when `immutable` is set")]
    }
}
