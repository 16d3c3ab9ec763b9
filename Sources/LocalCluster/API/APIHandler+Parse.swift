import KargoCore

extension APIHandler {
    /// Reads the object that a request carries.
    func parse(
        _ call: APICall,
        _ warnings: inout [String]
    ) throws -> JSONValue {
        let type = call.contentType.prefix { $0 != ";" }
        let supported = ["application/json", "application/yaml", KubernetesProtobuf.mediaType]
        guard type.isEmpty || supported.contains(String(type)) else {
            throw APIFailure.unsupportedMediaType(String(type), supported: supported)
        }
        var duplicates: [FieldPath] = []
        let object: JSONValue
        do {
            if type == KubernetesProtobuf.mediaType {
                object = try KubernetesProtobuf.object(call.body)
            } else if type == "application/yaml" {
                object = try JSONValue(yaml: String(decoding: call.body, as: UTF8.self))
            } else {
                object = try JSONValue(parsing: call.body) { duplicates.append($0) }
            }
        } catch KubernetesProtobuf.Problem.unknownKind {
            throw APIFailure.unsupportedMediaType(String(type), supported: ["application/json", "application/yaml"])
        } catch {
            throw APIFailure.badRequest("the object provided is unrecognized: \(error)")
        }
        guard object.objectValue != nil else { throw APIFailure.badRequest("the body must be an object") }
        warnings += duplicates.map { "duplicate field \"\($0)\"" }
        return object
    }

    /// Checks what the object says it is and puts it where the request says.
    func fixIdentity(
        _ object: inout JSONValue,
        _ definition: ResourceDefinition,
        namespace: String?
    ) throws(APIFailure) {
        let apiVersion = object["apiVersion"]?.stringValue ?? ""
        let kind = object["kind"]?.stringValue ?? ""
        guard apiVersion.isEmpty || apiVersion == definition.apiVersion, kind.isEmpty || kind == definition.kind else {
            throw .badRequest(
                "\(kind) in version \"\(apiVersion)\" cannot be handled as a \(definition.kind) in "
                    + "version \"\(definition.apiVersion)\""
            )
        }
        object["apiVersion"] = .string(definition.apiVersion)
        object["kind"] = .string(definition.kind)
        if object["metadata"]?.objectValue == nil { object["metadata"] = [:] }
        guard let namespace else {
            object[path: "metadata", "namespace"] = nil
            return
        }
        if let given = object[path: "metadata", "namespace"]?.stringValue, !given.isEmpty, given != namespace {
            throw .badRequest(
                "the namespace of the provided object does not match the namespace sent on the request: "
                    + "\"\(given)\" and \"\(namespace)\""
            )
        }
        object[path: "metadata", "namespace"] = .string(namespace)
    }
}
