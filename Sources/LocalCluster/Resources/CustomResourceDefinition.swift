import KargoCore
import KubernetesClient

/// A custom kind that is served, read from its CustomResourceDefinition.
extension ResourceDefinition {
    /// Makes the definitions of all served versions.
    ///
    /// - Parameters:
    ///   - crd: The CustomResourceDefinition.
    ///   - rules: The conditions that can be checked.
    /// - Returns: The definitions, the stored version first.
    /// - Throws: `FieldError` that names what is wrong.
    static func custom(_ crd: JSONValue, rules: ValidationRules) throws(FieldError) -> [ResourceDefinition] {
        let spec = FieldPath("spec")
        func text(_ value: JSONValue?, _ path: FieldPath) throws(FieldError) -> String {
            guard let text = value?.stringValue, !text.isEmpty else {
                throw FieldError(path: path, message: "Required value")
            }
            return text
        }
        let group = try text(crd[path: "spec", "group"], spec.appending("group"))
        let names = crd[path: "spec", "names"]
        let namesPath = spec.appending("names")
        let plural = try text(names?["plural"], namesPath.appending("plural"))
        let kind = try text(names?["kind"], namesPath.appending("kind"))
        guard crd[path: "metadata", "name"]?.stringValue == "\(plural).\(group)" else {
            throw FieldError(path: FieldPath("metadata", "name"), message: "must be \(plural).\(group)")
        }
        let scope = crd[path: "spec", "scope"]?.stringValue
        guard scope == "Namespaced" || scope == "Cluster" else {
            throw FieldError(path: spec.appending("scope"), message: "must be Namespaced or Cluster")
        }
        var definitions: [ResourceDefinition] = []
        for (index, version) in (crd[path: "spec", "versions"]?.arrayValue ?? []).enumerated()
        where version["served"] == true {
            let path = spec.appending("versions").appending(index)
            let schemaPath = path.appending("schema").appending("openAPIV3Schema")
            var schema: StructuralSchema?
            if let value = version[path: "schema", "openAPIV3Schema"] {
                schema = try StructuralSchema(value, path: schemaPath)
            }
            definitions.append(
                ResourceDefinition(
                    resource: ResourceID(group: group, plural: plural),
                    version: try text(version["name"], path.appending("name")),
                    kind: kind,
                    singular: names?["singular"]?.stringValue ?? kind.lowercased(),
                    shortNames: names?["shortNames"]?.arrayValue?.compactMap(\.stringValue) ?? [],
                    categories: names?["categories"]?.arrayValue?.compactMap(\.stringValue) ?? [],
                    isNamespaced: scope == "Namespaced",
                    hasStatus: version[path: "subresources", "status"] != nil,
                    selectableFields: Set(
                        (version["selectableFields"]?.arrayValue ?? [])
                            .compactMap { $0["jsonPath"]?.stringValue.map { String($0.drop { $0 == "." }) } }
                    ),
                    model: CustomObjectModel(
                        schema: schema,
                        rules: rules,
                        source: version[path: "schema", "openAPIV3Schema"]
                    ),
                    columns: try columns(version["additionalPrinterColumns"]?.arrayValue, path),
                    isBuiltin: false
                )
            )
        }
        guard !definitions.isEmpty else {
            throw FieldError(path: spec.appending("versions"), message: "must have a version that is served")
        }
        if definitions.count > 1 {
            for index in definitions.indices { definitions[index].hasOtherVersions = true }
        }
        return definitions
    }

    private static func columns(_ values: [JSONValue]?, _ path: FieldPath) throws(FieldError) -> [TableColumn] {
        guard let values, !values.isEmpty else { return [.age] }
        var columns: [TableColumn] = []
        for (index, value) in values.enumerated() {
            let path = path.appending("additionalPrinterColumns").appending(index)
            let text = value["jsonPath"]?.stringValue ?? ""
            guard let jsonPath = try? JSONPath(text) else {
                throw FieldError(path: path.appending("jsonPath"), message: "\"\(text)\" is no path")
            }
            let type = value["type"]?.stringValue ?? "string"
            columns.append(
                TableColumn(
                    name: value["name"]?.stringValue ?? "",
                    type: type,
                    format: value["format"]?.stringValue ?? "",
                    description: value["description"]?.stringValue ?? "",
                    priority: value["priority"]?.intValue ?? 0,
                    path: jsonPath.members
                ) { object, now in
                    guard let found = jsonPath.values(in: object).first, !found.isNull else { return .null }
                    switch (type, found) {
                    case ("date", _): return .string(TableColumn.age(since: found, at: now))
                    case ("string", .string), ("integer", .int), ("number", .int), ("number", .double),
                        ("boolean", .bool):
                        return found
                    case ("string", _): return .string(found.text())
                    default: return .null
                    }
                }
            )
        }
        return columns
    }
}

/// CustomResourceDefinitions themselves: their schema is theirs to say, so only what is served is looked at.
struct CustomResourceDefinitionModel: ObjectModel {
    func normalize(_ object: inout JSONValue) throws(FieldError) -> [FieldPath] {
        guard object["metadata"] != nil else { return [] }
        let kind = object[path: "spec", "names", "kind"]?.stringValue ?? ""
        if object[path: "spec", "names", "listKind"] == nil {
            object[path: "spec", "names", "listKind"] = .string("\(kind)List")
        }
        if object[path: "spec", "names", "singular"] == nil {
            object[path: "spec", "names", "singular"] = .string(kind.lowercased())
        }
        let now = object[path: "metadata", "creationTimestamp"] ?? .null
        let condition = { (type: String, reason: String, message: String) -> JSONValue in
            [
                "type": .string(type), "status": "True", "reason": .string(reason), "message": .string(message),
                "lastTransitionTime": now,
            ]
        }
        // Objects may still be kept in the versions that were stored before, until a client says otherwise.
        var stored = object[path: "status", "storedVersions"]?.arrayValue ?? []
        for version in object[path: "spec", "versions"]?.arrayValue ?? [] where version["storage"] == true {
            if let name = version["name"], !stored.contains(name) { stored.append(name) }
        }
        object["status"] = [
            "acceptedNames": object[path: "spec", "names"] ?? [:],
            "conditions": [
                condition("NamesAccepted", "NoConflicts", "no conflicts found"),
                condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
            ],
            "storedVersions": .array(stored),
        ]
        return []
    }

    func validate(_ object: JSONValue, old: JSONValue?) -> [ValidationCause] {
        do {
            _ = try ResourceDefinition.custom(object, rules: [:])
            return []
        } catch {
            return [ValidationCause(reason: .invalid, path: error.path, message: error.message)]
        }
    }
}
