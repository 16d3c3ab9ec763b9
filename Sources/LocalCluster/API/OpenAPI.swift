import KargoCore
import KubernetesClient

/// The OpenAPI v3 documents: enough for clients to learn which kinds there are and that the server checks fields
/// itself.
enum OpenAPI {
    /// The list of documents.
    ///
    /// Its tag changes when kinds come or go.
    static func index(_ definitions: [ResourceDefinition], generation: Int) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        for definition in definitions {
            let path = definition.resource.group.isEmpty ? "api/\(definition.version)" : "apis/\(definition.apiVersion)"
            paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(generation)")]
        }
        return ["paths": .object(paths)]
    }

    /// The document of the kinds of one version.
    static func document(_ definitions: [ResourceDefinition]) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        var schemas: [String: JSONValue] = [:]
        for definition in definitions {
            let api = definition.apiResource
            let collection = api.path(namespace: definition.isNamespaced ? "{namespace}" : nil)
                .replacing("%7B", with: "{").replacing("%7D", with: "}")
            let identity: JSONValue = [
                "group": .string(definition.resource.group), "version": .string(definition.version),
                "kind": .string(definition.kind),
            ]
            let name = schemaName(definition)
            let reference: JSONValue = ["$ref": .string("#/components/schemas/\(name)")]
            let responses: JSONValue = [
                "200": ["description": "OK", "content": ["application/json": ["schema": reference]]]
            ]
            func operation(_ action: String) -> JSONValue {
                [
                    "operationId": .string("\(action)\(definition.kind)"), "parameters": [fieldValidation],
                    "responses": responses, "x-kubernetes-action": .string(action),
                    "x-kubernetes-group-version-kind": identity,
                ]
            }
            paths[collection] = ["post": operation("post")]
            paths["\(collection)/{name}"] = ["patch": operation("patch"), "put": operation("put")]
            schemas[name] = [
                "type": "object",
                "properties": [
                    "apiVersion": ["type": "string"], "kind": ["type": "string"], "metadata": ["type": "object"],
                ],
                "x-kubernetes-preserve-unknown-fields": true,
                "x-kubernetes-group-version-kind": [identity],
            ]
        }
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.32.0"], "paths": .object(paths),
            "components": ["schemas": .object(schemas)],
        ]
    }

    private static let fieldValidation: JSONValue = [
        "name": "fieldValidation", "in": "query", "schema": ["type": "string", "uniqueItems": true],
    ]

    /// The group's parts in reverse, as in `io.akuity.kargo.v1alpha1.Stage`.
    private static func schemaName(_ definition: ResourceDefinition) -> String {
        let group = definition.resource.group.isEmpty ? "core.api.k8s.io" : definition.resource.group
        return (group.split(separator: ".").reversed().map(String.init) + [definition.version, definition.kind])
            .joined(separator: ".")
    }
}
