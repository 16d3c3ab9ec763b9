import KargoCore

extension APIHandler {
    func read(_ call: APICall, _ definition: ResourceDefinition, _ key: ObjectKey) throws -> APIAnswer {
        let object = try stored(definition, key)
        guard wantsTable(call) else { return .bytes(object.body) }
        return .object(try table([object], version: object.version, definition, call))
    }

    func list(_ call: APICall, _ target: ResourcePath, _ definition: ResourceDefinition) async throws -> APIAnswer {
        let selection = try selection(call, target.namespace)
        if call.flag("watch") { return try watch(call, selection, definition) }
        let (objects, version) = store.list(definition.resource, namespace: target.namespace)
        let selected = try objects.filter(selection.contains)
        if wantsTable(call) { return .object(try table(selected, version: version, definition, call)) }
        let head: JSONValue = [
            "apiVersion": .string(definition.apiVersion), "kind": .string(definition.listKind),
            "metadata": ["resourceVersion": .string(String(version))],
        ]
        // The objects are spliced in as they are stored.
        var body = head.serialized()
        body.removeLast()
        body += ",\"items\":[".utf8
        for (index, object) in selected.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body += object.body
        }
        body += "]}".utf8
        return .bytes(body)
    }

    func selection(_ call: APICall, _ namespace: String?) throws -> Selection {
        do {
            return Selection(
                namespace: namespace,
                labels: try LabelQuery(call.query["labelSelector"] ?? ""),
                fields: try FieldQuery(call.query["fieldSelector"] ?? "")
            )
        } catch {
            throw APIFailure.badRequest("unable to parse the selector \"\(error.text)\"")
        }
    }

    // MARK: Tables

    func wantsTable(_ call: APICall) -> Bool { call.accept.contains("as=Table") }

    func table(
        _ objects: [StoredObject],
        version: UInt64,
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
                row["object"] = [
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
                    "metadata": value["metadata"] ?? [:],
                ]
            }
            return row
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1",
            "metadata": ["resourceVersion": .string(String(version))],
            "columnDefinitions": .array(columns.map(\.definition)),
            "rows": .array(rows),
        ]
    }

    // MARK: Watches

    /// The longest time that a watch is silent, if its client takes bookmarks.
    static let bookmarkInterval = Duration.seconds(30)

    private func watch(_ call: APICall, _ selection: Selection, _ definition: ResourceDefinition) throws -> APIAnswer {
        let requested = call.query["resourceVersion"] ?? ""
        guard let from = UInt64(requested.isEmpty ? "0" : requested) else {
            throw APIFailure.badRequest("resourceVersion must be a number, not \"\(requested)\"")
        }
        if from > 0, store.events(of: definition.resource, after: from) == nil { throw APIFailure.expired(from) }
        let limit =
            call.query["timeoutSeconds"].flatMap(Int.init).map { Duration.seconds(max(1, $0)) } ?? .seconds(1800)
        let feed = WatchFeed(handler: self, call: call, selection: selection, definition: definition)
        return APIAnswer(
            body: .stream { write in try await feed.run(from: from, limit: limit, write: write) }
        )
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
