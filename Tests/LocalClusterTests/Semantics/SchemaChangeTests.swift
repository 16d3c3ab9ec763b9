import KargoCore
import Testing

@testable import LocalCluster

@Suite("Objects of a schema that has changed", .timeLimit(.minutes(1)))
struct SchemaChangeTests {
    private static let definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"
    private static let widgets = HandlerFixture.widgets

    /// A definition whose spec has another default and another field, and one field less.
    private func changed(_ definition: JSONValue) -> JSONValue {
        var definition = definition
        var versions = definition[path: "spec", "versions"]?.arrayValue ?? []
        let place = ["schema", "openAPIV3Schema", "properties", "spec", "properties"]
        var properties = versions[0][path: place[0], place[1], place[2], place[3], place[4]]?.objectValue ?? [:]
        properties["name"] = nil
        properties["shape"] = ["type": "string", "default": "round"]
        versions[0][path: place[0], place[1], place[2], place[3], place[4]] = .object(properties)
        definition[path: "spec", "versions"] = .array(versions)
        return definition
    }

    private func change(_ cluster: HandlerFixture) async throws {
        let answer = try await cluster.send("PUT", Self.definition, changed(cluster.get(Self.definition).object))
        #expect(answer.status == 200, "\(answer.message)")
    }

    private let completed: JSONValue = ["color": "red", "size": 3, "shape": "round"]

    private func create(_ cluster: HandlerFixture) async throws -> HandlerFixture.Answer {
        try await cluster.create(
            Self.widgets,
            ["metadata": ["name": "w"], "spec": ["color": "red", "name": "abc"]]
        )
    }

    @Test func `are read completed and pruned, and stay on the disk what they were`() async throws {
        try await HandlerFixture.with { cluster in
            let old = try await create(cluster)
            try await change(cluster)
            let read = try await cluster.get("\(Self.widgets)/w")
            #expect(read.object["spec"] == completed && read.version == old.version)
            #expect(read.object["metadata"] == old.object["metadata"])
            let list = try await cluster.get(Self.widgets).object["items"]?.arrayValue
            #expect(list?.map { $0["spec"] } == [completed])
            let events = try await cluster.watch("\(Self.widgets)?watch=true") { _ in true }
            #expect(events.map { $0[path: "object", "spec"] } == [completed])

            let stored = try ObjectDatabase(path: cluster.database).load().objects
            let widget = try #require(stored.first { $0.key.name == "w" })
            #expect(try widget.json() == old.object)
            // A write that changes nothing leaves it so; any other writes what was read.
            #expect(try await cluster.send("PUT", "\(Self.widgets)/w", read.object).version == old.version)
            let labels = try await cluster.merge("\(Self.widgets)/w", ["metadata": ["labels": ["a": "b"]]])
            #expect(labels.version != old.version && labels.object[path: "metadata", "generation"] == 1)
            let written = try ObjectDatabase(path: cluster.database).load().objects.first { $0.key.name == "w" }
            #expect(try written?.json()["spec"] == completed)
        }
    }

    @Test func `are read so after a restart too`() async throws {
        try await HandlerFixture.with { cluster in
            _ = try await create(cluster)
            try await change(cluster)
            let store = try ClusterStore(database: ObjectDatabase(path: cluster.database))
            let old = cluster.handler
            let handler = APIHandler(
                store: store,
                catalog: ResourceCatalog(rules: ClusterFixture.rules),
                reviewer: nil,
                logs: nil,
                authenticator: old.authenticator,
                now: old.now,
                logger: old.logger
            )
            for definition in store.list(CoreResources.customResourceDefinitions, namespace: nil).objects {
                try handler.serve(definition)
            }
            let again = HandlerFixture(handler: handler, time: cluster.time, database: cluster.database)
            #expect(try await again.get("\(Self.widgets)/w").object["spec"] == completed)
        }
    }

    @Test func `are read so where they were on their way to the disk`() async throws {
        try await HandlerFixture.with { cluster in
            let former = try #require(
                cluster.handler.catalog.definition(group: "example.com", version: "v1", plural: "widgets")
            )
            try await change(cluster)
            var late = try await create(cluster).object
            late["spec"] = ["color": "red", "size": 3, "name": "abc"]
            let key = ObjectKey(namespace: "default", name: "w")
            let current = try #require(cluster.handler.store.get(former.resource, key))
            let stored = try await cluster.handler.store.commit(.update(current, late))
            try cluster.handler.noteWrite(stored, former)
            #expect(try await cluster.get("\(Self.widgets)/w").object["spec"] == completed)
        }
    }

    @Test func `are read by the schema of the version that is asked for`() async throws {
        try await HandlerFixture.with { cluster in
            _ = try await create(cluster)
            var definition = try await cluster.get(Self.definition).object
            var versions = changed(definition)[path: "spec", "versions"]?.arrayValue ?? []
            versions[0]["name"] = "v2"
            versions[0]["storage"] = false
            versions.insert(contentsOf: definition[path: "spec", "versions"]?.arrayValue ?? [], at: 0)
            definition[path: "spec", "versions"] = .array(versions)
            let answer = try await cluster.send("PUT", Self.definition, definition)
            #expect(answer.status == 200, "\(answer.message)")
            let spec = try await cluster.get("\(Self.widgets)/w").object["spec"]
            #expect(spec == ["color": "red", "size": 3, "name": "abc"])
            let other = Self.widgets.replacing("/v1/", with: "/v2/")
            #expect(try await cluster.get("\(other)/w").object["spec"] == completed)
            #expect(try await cluster.get(other).object["items"]?.arrayValue?.map { $0["spec"] } == [completed])
        }
    }
}
