import KargoCore

extension APIHandler {
    func read(_ call: APICall, _ definition: ResourceDefinition, _ key: ObjectKey) throws -> APIAnswer {
        let object = try stored(definition, key)
        switch call.representation {
        case .whole: return .bytes(object.body)
        case .metadata: return .object(try object.partial())
        case .table:
            let metadata: JSONValue = ["resourceVersion": .string(String(object.version))]
            return .object(try table([object], metadata: metadata, definition, call))
        }
    }

    func list(_ call: APICall, _ target: ResourcePath, _ definition: ResourceDefinition) async throws -> APIAnswer {
        let selection = try selection(call, target.namespace, definition)
        if call.flag("watch") { return try watch(call, selection, definition) }
        let page = try page(ListRequest(call), selection, definition)
        switch call.representation {
        case .whole: break
        case .table: return .object(try table(page.objects, metadata: page.metadata, definition, call))
        case .metadata:
            return .object([
                "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": page.metadata,
                "items": .array(try page.objects.map { try $0.partial() }),
            ])
        }
        let head: JSONValue = [
            "apiVersion": .string(definition.apiVersion), "kind": .string(definition.listKind),
            "metadata": page.metadata,
        ]
        // The objects are spliced in as they are stored.
        var body = head.serialized()
        body.removeLast()
        body += ",\"items\":[".utf8
        for (index, object) in page.objects.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += object.body
        }
        body += "]}".utf8
        return .bytes(body)
    }

    func selection(
        _ call: APICall,
        _ namespace: String?,
        _ definition: ResourceDefinition
    ) throws(APIFailure) -> Selection {
        let selection: Selection
        do {
            selection = Selection(
                namespace: namespace,
                labels: try LabelQuery(call.query["labelSelector"] ?? ""),
                fields: try FieldQuery(call.query["fieldSelector"] ?? "")
            )
        } catch {
            throw .badRequest("unable to parse the selector \"\(error.text)\"")
        }
        for path in selection.fields.paths where !definition.selectsFields(path) {
            throw .badRequest("field label not supported: \(path)")
        }
        return selection
    }

    // MARK: Tables

    func table(
        _ objects: [StoredObject],
        metadata: JSONValue,
        _ definition: ResourceDefinition,
        _ call: APICall
    ) throws -> JSONValue {
        let columns = definition.tableColumns
        let whole = call.query["includeObject"] == "Object"
        let none = call.query["includeObject"] == "None"
        let moment = now()
        let rows = try objects.map { object -> JSONValue in
            let value = try object.json()
            var row: JSONValue = ["cells": .array(columns.map { $0.cell(value, moment) })]
            if whole {
                row["object"] = value
            } else if !none {
                row["object"] = value.partial
            }
            return row
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "columnDefinitions": .array(columns.map(\.definition)),
            "rows": .array(rows),
        ]
    }

    func log(_ call: APICall, _ key: ObjectKey) async throws -> APIAnswer {
        guard let logs, let pods = catalog.definition(CoreResources.pods) else { throw APIFailure.noSuchPath }
        let pod = try JSONValueDecoder().decode(Pod.self, from: stored(pods, key).json())
        let container = try containerName(call.query["container"], of: pod)
        let options = try LogOptions(call)
        try await logs.check(pod, container: container, options: options)
        return APIAnswer(
            contentType: "text/plain",
            body: .stream { write in
                try await logs.logs(of: pod, container: container, options: options, write: write)
            }
        )
    }

    private func containerName(_ name: String?, of pod: Pod) throws -> String {
        let names = pod.spec.containers.map(\.name)
        let all = names + pod.spec.initContainers.map(\.name)
        if let name, !name.isEmpty {
            guard all.contains(name) else {
                throw APIFailure.badRequest("container \(name) is not valid for pod \(pod.metadata.name)")
            }
            return name
        }
        guard names.count == 1 else {
            throw APIFailure.badRequest(
                "a container name must be specified for pod \(pod.metadata.name), choose one of: [\(all.joined(separator: " "))]"
            )
        }
        return names[0]
    }
}
