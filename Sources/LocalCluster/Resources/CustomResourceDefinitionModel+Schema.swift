import KargoCore

extension CustomResourceDefinitionModel {
    /// What is read of a CustomResourceDefinition, and what Kubernetes knows besides.
    func openAPI(_ schemas: TypeSchemas) -> JSONValue {
        let names = object([
            "plural": text, "singular": text, "kind": text, "listKind": text, "shortNames": list(text),
            "categories": list(text),
        ])
        let column = object([
            "name": text, "type": text, "format": text, "description": text, "jsonPath": text,
            "priority": ["type": "integer", "format": "int32"],
        ])
        let version = object([
            "name": text, "served": flag, "storage": flag, "deprecated": flag, "deprecationWarning": text,
            "additionalPrinterColumns": list(column), "selectableFields": list(object(["jsonPath": text])),
            "schema": object(["openAPIV3Schema": anything]),
            "subresources": object(["status": anything, "scale": anything]),
        ])
        let spec = object([
            "group": text, "names": names, "scope": text, "versions": list(version), "preserveUnknownFields": flag,
            "conversion": object(["strategy": text, "webhook": anything]),
        ])
        let status = object([
            "acceptedNames": names, "conditions": list(schemas.schema(of: Condition.self)),
            "storedVersions": list(text),
        ])
        return object([
            "apiVersion": text, "kind": text, "metadata": schemas.schema(of: ObjectMeta.self), "spec": spec,
            "status": status,
        ])
    }

    private var text: JSONValue { ["type": "string"] }
    private var flag: JSONValue { ["type": "boolean"] }
    private var anything: JSONValue { ["type": "object", "x-kubernetes-preserve-unknown-fields": true] }
    private func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }
    private func object(_ properties: JSONValue) -> JSONValue { ["type": "object", "properties": properties] }
}
