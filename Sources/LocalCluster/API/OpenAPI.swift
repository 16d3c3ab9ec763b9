import KargoCore
import KubernetesClient

/// The OpenAPI v3 documents: which kinds there are, what their objects look like, and that the server checks fields
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
        let types = TypeSchemas()
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
                    "operationId": .string("\(action)\(definition.kind)"), "parameters": parameters,
                    "responses": responses, "x-kubernetes-action": .string(action),
                    "x-kubernetes-group-version-kind": identity,
                ]
            }
            paths[collection] = ["post": operation("post")]
            paths["\(collection)/{name}"] = ["patch": operation("patch"), "put": operation("put")]
            var schema = definition.model.openAPI(types)
            schema["x-kubernetes-group-version-kind"] = [identity]
            schemas[name] = schema
        }
        return [
            "openapi": "3.0.0", "info": ["title": "Kubernetes", "version": "v1.32.0"], "paths": .object(paths),
            "components": ["schemas": .object(schemas.merging(types.named) { schema, _ in schema })],
        ]
    }

    private static let parameters: JSONValue = .array(
        ["dryRun", "fieldManager", "fieldValidation"]
            .map { name in
                ["name": .string(name), "in": "query", "schema": ["type": "string", "uniqueItems": true]]
            }
    )

    /// A document of version 2 without kinds, in the form that kubectl wants: it looks there for those that version 3
    /// lacks, and says that they are not served when they are not there.
    static let emptyVersion2: APIAnswer = APIAnswer(
        contentType: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
        // The field `swagger` (1) with the text "2.0".
        body: .whole([0x0A, 3] + Array("2.0".utf8))
    )

    /// The group's parts in reverse, as in `io.akuity.kargo.v1alpha1.Stage`.
    private static func schemaName(_ definition: ResourceDefinition) -> String {
        let group = definition.resource.group.isEmpty ? "core.api.k8s.io" : definition.resource.group
        return (group.split(separator: ".").reversed().map(String.init) + [definition.version, definition.kind])
            .joined(separator: ".")
    }
}
