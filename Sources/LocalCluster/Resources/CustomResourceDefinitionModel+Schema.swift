import KargoCore

extension CustomResourceDefinitionModel {
    /// What is read of a CustomResourceDefinition, and what Kubernetes knows besides.
    func openAPI(_ schemas: TypeSchemas) -> JSONValue {
        let names = object(
            "CustomResourceDefinitionNames",
            [
                "plural": text, "singular": text, "kind": text, "listKind": text, "shortNames": list(text),
                "categories": list(text),
            ]
        )
        let column = object(
            "CustomResourceColumnDefinition",
            [
                "name": text, "type": text, "format": text, "description": text, "jsonPath": text,
                "priority": ["type": "integer", "format": "int32"],
            ]
        )
        let selectable = object("SelectableField", ["jsonPath": text])
        let version = object(
            "CustomResourceDefinitionVersion",
            [
                "name": text, "served": flag, "storage": flag, "deprecated": flag, "deprecationWarning": text,
                "additionalPrinterColumns": list(column), "selectableFields": list(selectable),
                "schema": object("CustomResourceValidation", ["openAPIV3Schema": anything]),
                "subresources": object("CustomResourceSubresources", ["status": anything, "scale": anything]),
            ]
        )
        let spec = object(
            "CustomResourceDefinitionSpec",
            [
                "group": text, "names": names, "scope": text, "versions": list(version), "preserveUnknownFields": flag,
                "conversion": object("CustomResourceConversion", ["strategy": text, "webhook": anything]),
            ]
        )
        let status = object(
            "CustomResourceDefinitionStatus",
            [
                "acceptedNames": names, "conditions": list(schemas.schema(of: Condition.self)),
                "storedVersions": list(text),
            ]
        )
        return object(
            "CustomResourceDefinition",
            [
                "apiVersion": text, "kind": text, "metadata": schemas.schema(of: ObjectMeta.self), "spec": spec,
                "status": status,
            ]
        )
    }

    private var text: JSONValue { ["type": "string"] }
    private var flag: JSONValue { ["type": "boolean"] }
    private var anything: JSONValue { ["type": "object", "x-kubernetes-preserve-unknown-fields": true] }
    private func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }
    private func object(_ type: String, _ properties: JSONValue) -> JSONValue {
        var schema: JSONValue = ["type": "object", "properties": properties]
        FieldDescriptions.describe(&schema, as: type)
        return schema
    }
}
