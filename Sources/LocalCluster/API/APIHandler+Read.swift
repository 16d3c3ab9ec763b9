import KargoCore

extension APIHandler {
    func read(_ call: APICall, _ definition: ResourceDefinition, _ key: ObjectKey) throws -> APIAnswer {
        let object = try stored(definition, key)
        switch call.representation {
        case .whole: return .bytes(object.body)
        case .metadata: return .bytes(try object.partial())
        case .table:
            let metadata: JSONValue = ["resourceVersion": .string(String(object.version))]
            return .bytes(try table([object], metadata: metadata, definition, call))
        }
    }

    func list(_ call: APICall, _ target: ResourcePath, _ definition: ResourceDefinition) async throws -> APIAnswer {
        let selection = try selection(call, target.namespace, definition)
        if call.flag("watch") { return try watch(call, selection, definition) }
        let page = try page(ListRequest(call), selection, definition)
        switch call.representation {
        case .whole:
            let head: JSONValue = [
                "apiVersion": .string(definition.apiVersion), "kind": .string(definition.listKind),
                "metadata": page.metadata,
            ]
            return .bytes(head.serialized(with: "items", page.objects.lazy.map(\.body)))
        case .table: return .bytes(try table(page.objects, metadata: page.metadata, definition, call))
        case .metadata:
            let head: JSONValue = [
                "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": page.metadata,
            ]
            return .bytes(head.serialized(with: "items", try page.objects.map { try $0.partial() }))
        }
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
        _ call: APICall,
        withColumns: Bool = true
    ) throws -> [UInt8] {
        let columns = definition.tableColumns
        let outline = TableColumn.outline(of: columns)
        let moment = now()
        let rows = try objects.map { object in
            let value = try JSONValue(parsing: object.body, keeping: outline)
            var row = Array("{\"cells\":".utf8)
            row += JSONValue.array(columns.map { $0.cell(value, moment) }).serialized()
            if call.query["includeObject"] != "None" {
                row += ",\"object\":".utf8
                row += call.query["includeObject"] == "Object" ? object.body : try object.partial()
            }
            row.append(UInt8(ascii: "}"))
            return row
        }
        let head: JSONValue = [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": metadata,
            "columnDefinitions": withColumns ? .array(columns.map(\.definition)) : .null,
        ]
        return head.serialized(with: "rows", rows)
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

extension JSONValue {
    /// The text of this object with one member more, a list of what is text already.
    fileprivate func serialized(with name: String, _ elements: some Collection<[UInt8]>) -> [UInt8] {
        var text = serialized()
        text.removeLast()
        text.reserveCapacity(elements.reduce(text.count + name.utf8.count + 8) { $0 + $1.count + 1 })
        text += ",\"\(name)\":[".utf8
        var isFirst = true
        for element in elements {
            if !isFirst { text.append(UInt8(ascii: ",")) }
            isFirst = false
            text += element
        }
        text += "]}".utf8
        return text
    }
}
