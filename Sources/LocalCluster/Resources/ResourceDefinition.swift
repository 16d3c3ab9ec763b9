import KargoCore
import KubernetesClient

/// A kind of object that the cluster serves.
struct ResourceDefinition: Sendable {
    var resource: ResourceID
    var version: String
    var kind: String
    var singular: String
    var shortNames: [String] = []
    var categories: [String] = []
    var isNamespaced: Bool
    /// Whether `status` is a part that is written on its own.
    var hasStatus = false
    /// Fields by which objects of a custom kind can be selected, such as `spec.color`.
    var selectableFields: Set<String> = []
    /// What can be done with objects of the kind.
    var verbs = ResourceDefinition.allVerbs
    /// Whether the same objects are served in other versions too.
    var hasOtherVersions = false
    /// Parts of its objects besides `status` that are asked for on their own.
    var subresources: [Subresource] = []
    /// What a kind answers whose objects are questions and are not stored.
    var review: Review?
    /// Tells it from those that the same kind had before.
    var generation = 0
    /// What the objects look like.
    var model: any ObjectModel
    /// Columns besides the name.
    var columns: [TableColumn]
    /// Whether a strategic merge patch is understood, as for all kinds that are not custom.
    var isBuiltin: Bool

    var apiVersion: String { resource.group.isEmpty ? version : "\(resource.group)/\(version)" }
    var listKind: String { kind + "List" }

    /// All columns: the name comes first unless the kind has it elsewhere.
    var tableColumns: [TableColumn] {
        columns.contains { $0.name == TableColumn.name.name } ? columns : [.name] + columns
    }

    var apiResource: APIResource {
        APIResource(
            group: resource.group,
            version: version,
            plural: resource.plural,
            kind: kind,
            isNamespaced: isNamespaced
        )
    }

    /// A part of objects.
    struct Subresource: Sendable {
        var name: String
        /// What is read or sent there.
        var group = ""
        var version = "v1"
        var kind: String
        var verbs: [String]
    }

    /// All parts of its objects.
    var allSubresources: [Subresource] {
        guard hasStatus else { return subresources }
        let status = Subresource(
            name: "status",
            group: resource.group,
            version: version,
            kind: kind,
            verbs: ["get", "patch", "update"]
        )
        return [status] + subresources
    }

    static let allVerbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
}

/// How objects of a kind are read, completed and checked.
protocol ObjectModel: Sendable {
    /// Takes out unknown fields and fills in defaults.
    ///
    /// - Returns: The paths of what was taken out, in order.
    /// - Throws: `FieldError` for a value of a wrong type.
    func normalize(_ object: inout JSONValue) throws(FieldError) -> [FieldPath]

    /// Checks everything but the metadata.
    func validate(_ object: JSONValue, old: JSONValue?) -> [ValidationCause]

    /// The schema of the objects as OpenAPI has it.
    ///
    /// - Parameter schemas: Takes the types that it refers to.
    /// - Returns: The schema.
    func openAPI(_ schemas: TypeSchemas) -> JSONValue
}

/// Objects of a custom kind.
struct CustomObjectModel: ObjectModel {
    let schema: StructuralSchema?
    let rules: ValidationRules
    /// The schema as the CustomResourceDefinition has it.
    var source: JSONValue?

    func normalize(_ object: inout JSONValue) throws(FieldError) -> [FieldPath] {
        guard let schema else { return [] }
        var unknown: [FieldPath] = []
        // The schema of a custom kind says nothing of these.
        let fixed = ["apiVersion", "kind", "metadata"].map { ($0, object[$0]) }
        for (name, _) in fixed { object[name] = nil }
        schema.normalize(&object, path: FieldPath([]), unknown: &unknown)
        for (name, value) in fixed { object[name] = value }
        if let metadata = object["metadata"], !metadata.isPlainMetadata {
            let (_, extra) = try JSONValueDecoder().decodeReportingUnknownFields(ObjectMeta.self, from: metadata)
            for path in extra {
                object.remove(FieldPath([.key("metadata")] + path.components))
                unknown.append(FieldPath([.key("metadata")] + path.components))
            }
        }
        return unknown.sorted { $0.description < $1.description }
    }

    func validate(_ object: JSONValue, old: JSONValue?) -> [ValidationCause] {
        guard let schema else { return [] }
        return schema.validate(object, old: old, path: FieldPath([]), rules: rules, skipsUnchanged: true)
    }

    func openAPI(_ schemas: TypeSchemas) -> JSONValue {
        var schema = source ?? ["type": "object", "x-kubernetes-preserve-unknown-fields": true]
        for name in ["apiVersion", "kind"] where schema[path: "properties", name] == nil {
            let text = FieldDescriptions.text(of: name, in: "")
            schema[path: "properties", name] = FieldDescriptions.described(["type": "string"], text)
        }
        schema[path: "properties", "metadata"] = FieldDescriptions.described(
            schemas.schema(of: ObjectMeta.self),
            FieldDescriptions.text(of: "metadata", in: "")
        )
        return schema
    }
}

/// Objects of a kind that is known as a Swift type.
struct TypedObjectModel<Object: Codable & Sendable>: ObjectModel {
    /// Fills in defaults.
    var complete: @Sendable (inout JSONValue) -> Void = { _ in }
    /// Checks everything but the metadata.
    var check: @Sendable (Object, Object?) -> [ValidationCause] = { _, _ in [] }

    func normalize(_ object: inout JSONValue) throws(FieldError) -> [FieldPath] {
        let (_, unknown) = try JSONValueDecoder().decodeReportingUnknownFields(Object.self, from: object)
        for path in unknown { object.remove(path) }
        complete(&object)
        return unknown
    }

    func validate(_ object: JSONValue, old: JSONValue?) -> [ValidationCause] {
        do {
            let decoder = JSONValueDecoder()
            let decoded = try decoder.decode(Object.self, from: object)
            return check(
                decoded,
                try old.map { value throws(FieldError) in try decoder.decode(Object.self, from: value) }
            )
        } catch {
            return [ValidationCause(reason: .typeInvalid, path: error.path, message: error.message)]
        }
    }

    func openAPI(_ schemas: TypeSchemas) -> JSONValue { schemas.members(of: Object.self) }
}

extension JSONValue {
    /// Whether metadata has nothing but what is known and has its usual form, which is sooner seen than decoded.
    fileprivate var isPlainMetadata: Bool {
        guard case .object(let members) = self else { return false }
        return members.allSatisfy { name, value in
            switch (name, value) {
            case ("name", .string), ("generateName", .string), ("namespace", .string), ("uid", .string),
                ("resourceVersion", .string), ("generation", .int):
                true
            case ("creationTimestamp", .string(let text)): (try? KubernetesTime(text)) != nil
            case ("labels", .object(let texts)), ("annotations", .object(let texts)):
                texts.values.allSatisfy { $0.stringValue != nil }
            case ("finalizers", .array(let texts)): texts.allSatisfy { $0.stringValue != nil }
            case ("ownerReferences", .array(let references)): references.allSatisfy(\.isPlainReference)
            default: false
            }
        }
    }

    private var isPlainReference: Bool {
        guard case .object(let members) = self else { return false }
        return members.allSatisfy { name, value in
            switch (name, value) {
            case ("apiVersion", .string), ("kind", .string), ("name", .string), ("uid", .string),
                ("controller", .bool), ("blockOwnerDeletion", .bool):
                true
            default: false
            }
        }
    }

    /// Takes out what stands at a path.
    mutating func remove(_ path: FieldPath) { remove(path.components[...]) }

    private mutating func remove(_ path: ArraySlice<FieldPath.Component>) {
        guard let first = path.first else { return }
        switch (first, self) {
        case (.key(let key), .object(var members)):
            self = .null
            if path.count == 1 { members[key] = nil } else { members[key]?.remove(path.dropFirst()) }
            self = .object(members)
        case (.index(let index), .array(var elements)) where elements.indices.contains(index):
            self = .null
            if path.count == 1 { elements.remove(at: index) } else { elements[index].remove(path.dropFirst()) }
            self = .array(elements)
        default: break
        }
    }
}
