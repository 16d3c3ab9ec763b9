import KargoCore
import Testing

@testable import LocalCluster

@Suite("Versions of a kind", .timeLimit(.minutes(1)))
struct VersionTests {
    private static let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

    private func path(_ version: String) -> String { "/apis/example.com/\(version)/namespaces/default/widgets" }

    /// Serves Widgets as v1 and v2, of which the latter knows one more field.
    private func addVersion(_ cluster: HandlerFixture) async throws {
        var crd = try await cluster.get("\(Self.definitions)/widgets.example.com").object
        var second = try #require(crd[path: "spec", "versions"]?.arrayValue?.first)
        second["name"] = "v2"
        second["storage"] = false
        crd[path: "spec", "versions"] = .array((crd[path: "spec", "versions"]?.arrayValue ?? []) + [second])
        #expect(try await cluster.send("PUT", "\(Self.definitions)/widgets.example.com", crd).status == 200)
    }

    @Test func `show the same objects`() async throws {
        try await HandlerFixture.with { cluster in
            try await addVersion(cluster)
            let made = try await cluster.create(path("v1"), ["metadata": ["name": "w"], "spec": ["color": "red"]])
            #expect(made.object["apiVersion"] == "example.com/v1")
            let other = try await cluster.get("\(path("v2"))/w")
            #expect(other.object["apiVersion"] == "example.com/v2" && other.uid == made.uid)
            let patched = try await cluster.merge("\(path("v2"))/w", ["spec": ["size": 8]])
            #expect(patched.status == 200 && patched.object["apiVersion"] == "example.com/v2", "\(patched.message)")
            let list = try await cluster.get(path("v1")).object
            #expect(list["apiVersion"] == "example.com/v1")
            #expect(list["items"]?.arrayValue?.map { $0["apiVersion"] } == ["example.com/v1"])
            let events = try await cluster.watch("\(path("v1"))?watch=true") { _ in true }
            #expect(events.first?[path: "object", "apiVersion"] == "example.com/v1")
            #expect(events.first?[path: "object", "spec", "size"] == 8)
        }
    }

    @Test func `go when they are no longer served`() async throws {
        try await HandlerFixture.with { cluster in
            try await addVersion(cluster)
            #expect(try await cluster.get(path("v2")).status == 200)
            var crd = try await cluster.get("\(Self.definitions)/widgets.example.com").object
            crd[path: "spec", "versions"] = .array([try #require(crd[path: "spec", "versions"]?.arrayValue?.first)])
            #expect(try await cluster.send("PUT", "\(Self.definitions)/widgets.example.com", crd).status == 200)
            #expect(try await cluster.get(path("v2")).status == 404)
            #expect(try await cluster.get(path("v1")).status == 200)
        }
    }

    @Test func `are told in Kubernetes' order of preference`() async throws {
        try await HandlerFixture.with { cluster in
            let names = ["v1beta1", "v10", "v2", "v1", "v11alpha2", "v3beta1", "v11alpha10", "other", "v0", "v1beta"]
            var crd = try await cluster.get("\(Self.definitions)/widgets.example.com").object
            let version = try #require(crd[path: "spec", "versions"]?.arrayValue?.first)
            let versions = names.map { name in
                var version = version
                version["name"] = .string(name)
                version["storage"] = .bool(name == "v1")
                return version
            }
            crd[path: "spec", "versions"] = .array(versions)
            #expect(try await cluster.send("PUT", "\(Self.definitions)/widgets.example.com", crd).status == 200)
            let group = try await cluster.get("/apis/example.com").object
            let order = ["v10", "v2", "v1", "v3beta1", "v1beta1", "v11alpha10", "v11alpha2", "other", "v0", "v1beta"]
            #expect(group["versions"]?.arrayValue?.map { $0["version"]?.stringValue } == order)
            #expect(group[path: "preferredVersion", "version"] == "v10")
        }
    }

    @Test func `that were stored once are remembered until a client knows better`() async throws {
        try await HandlerFixture.with { cluster in
            try await addVersion(cluster)
            let name = "\(Self.definitions)/widgets.example.com"
            let storage: JSONValue = [
                ["op": "replace", "path": "/spec/versions/0/storage", "value": false],
                ["op": "replace", "path": "/spec/versions/1/storage", "value": true],
            ]
            let changed = try await cluster.send("PATCH", name, storage, contentType: "application/json-patch+json")
            #expect(changed.object[path: "status", "storedVersions"] == ["v1", "v2"], "\(changed.message)")
            let forgotten = try await cluster.merge("\(name)/status", ["status": ["storedVersions": ["v2"]]])
            #expect(forgotten.object[path: "status", "storedVersions"] == ["v2"], "\(forgotten.message)")
        }
    }

    @Test func `Events are in two groups under two sets of names`() async throws {
        try await HandlerFixture.with { cluster in
            let view = "/apis/events.k8s.io/v1/namespaces/default/events"
            let core = "/api/v1/namespaces/default/events"
            let made = try await cluster.create(
                view,
                [
                    "apiVersion": "events.k8s.io/v1", "kind": "Event", "metadata": ["name": "e"],
                    "regarding": ["kind": "Pod", "name": "p", "namespace": "default"], "note": "hello",
                    "reportingController": "example.com/c", "eventTime": "2027-01-15T08:00:00.000000Z",
                ]
            )
            #expect(made.object["apiVersion"] == "events.k8s.io/v1" && made.object["note"] == "hello")
            let stored = try await cluster.get("\(core)/e").object
            #expect(stored["message"] == "hello" && stored[path: "involvedObject", "name"] == "p")
            #expect(stored["reportingComponent"] == "example.com/c" && stored["note"] == nil)
            try await cluster.merge("\(view)/e", ["note": "bye", "deprecatedCount": 2])
            let operations: JSONValue = [["op": "replace", "path": "/note", "value": "well"]]
            let patched = try await cluster.send(
                "PATCH",
                "\(view)/e",
                operations,
                contentType: "application/json-patch+json"
            )
            #expect(patched.object["note"] == "well" && patched.object["deprecatedCount"] == 2)
            #expect(try await cluster.get("\(view)?fieldSelector=regarding.name%3Dp").names == ["e"])
            #expect(try await cluster.get("\(view)?fieldSelector=regarding.name%3Dq").names.isEmpty)
            let events = try await cluster.watch("\(view)?watch=true") { _ in true }
            #expect(events.first?[path: "object", "regarding", "name"] == "p")
        }
    }
}

@Suite("Structural schemas")
struct StructuralSchemaTests {
    private func schema(_ yaml: String) throws -> StructuralSchema {
        try StructuralSchema(JSONValue(yaml: yaml), path: FieldPath([]))
    }

    @Test(arguments: [
        // Defaults apply in defaults, in lists and in maps.
        (
            "{type: object, properties: {a: {type: object, default: {}, properties: {b: {type: integer, default: 1}}}}}",
            "{}", "{a: {b: 1}}", []
        ),
        (
            "{type: object, properties: {l: {type: array, items: {type: object, properties: {x: {type: string, default: q}}}}}}",
            "{l: [{}, {x: z}]}", "{l: [{x: q}, {x: z}]}", []
        ),
        (
            "{type: object, additionalProperties: {type: object, properties: {x: {type: integer, default: 2}}}}",
            "{any: {}}", "{any: {x: 2}}", []
        ),
        // A null is dropped, defaulted or kept.
        ("{type: object, properties: {a: {type: string}}}", "{a: null}", "{}", []),
        ("{type: object, properties: {a: {type: string, default: x}}}", "{a: null}", "{a: x}", []),
        ("{type: object, properties: {a: {type: string, nullable: true, default: x}}}", "{a: null}", "{a: null}", []),
        // What is not known goes, wherever it is.
        (
            "{type: object, properties: {a: {type: object, properties: {b: {type: string}}}}}",
            "{a: {b: x, c: q}, d: 1}", "{a: {b: x}}", ["a.c", "d"]
        ),
        (
            "{type: object, properties: {l: {type: array, items: {type: object, properties: {x: {type: string}}}}}}",
            "{l: [{x: a, q: b}]}", "{l: [{x: a}]}", ["l[0].q"]
        ),
        // Unless it is to be kept; known parts of it are pruned all the same.
        (
            "{type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: object, properties: {b: {type: string}}}}}",
            "{x: {q: 1}, a: {b: c, d: e}}", "{x: {q: 1}, a: {b: c}}", ["a.d"]
        ),
        (
            "{type: object, properties: {o: {type: object, x-kubernetes-embedded-resource: true, properties: {spec: {type: object}}}}}",
            "{o: {apiVersion: v1, kind: X, metadata: {name: n}, spec: {}, other: 1}}",
            "{o: {apiVersion: v1, kind: X, metadata: {name: n}, spec: {}}}", ["o.other"]
        ),
    ])
    func `complete and prune`(schema text: String, value: String, result: String, pruned: [String]) throws {
        var object = try JSONValue(yaml: value)
        var unknown: [FieldPath] = []
        try schema(text).normalize(&object, path: FieldPath([]), unknown: &unknown)
        #expect(object == (try JSONValue(yaml: result)))
        #expect(unknown.map(\.description).sorted() == pruned)
    }

    @Test(arguments: [
        ("{type: integer, minimum: 1, exclusiveMinimum: true}", "1", "should be greater than 1"),
        ("{type: integer, maximum: 3, exclusiveMaximum: true}", "3", "should be less than 3"),
        ("{type: integer, multipleOf: 5}", "7", "should be a multiple of 5"),
        ("{type: object, minProperties: 1, additionalProperties: {type: string}}", "{}", "at least 1 properties"),
        ("{type: object, maxProperties: 1, additionalProperties: {type: string}}", "{a: x, b: z}", "at most 1 items"),
        ("{type: array, uniqueItems: true, items: {type: string}}", "[a, a]", "Duplicate value"),
        (
            "{type: object, properties: {a: {type: string}, b: {type: string}}, oneOf: [{required: [a]}, {required: [b]}]}",
            "{a: x, b: z}", "one and only one schema (oneOf)"
        ),
        (
            "{type: object, properties: {a: {type: string}, b: {type: string}}, anyOf: [{required: [a]}, {required: [b]}]}",
            "{}", "at least one schema (anyOf)"
        ),
        ("{type: string, allOf: [{minLength: 2}, {pattern: '^a'}]}", "b", "should match '^a'"),
        ("{type: string, not: {enum: [nope]}}", "nope", "must not validate the schema (not)"),
    ])
    func `refuse`(schema text: String, value: String, message: String) throws {
        let causes = try schema(text)
            .validate(JSONValue(yaml: value), old: nil, path: FieldPath("x"), rules: [:])
        #expect(causes.contains { $0.message.contains(message) }, "\(causes)")
    }

    @Test(arguments: [
        ("{type: integer, minimum: 1, exclusiveMinimum: true, multipleOf: 2}", "2"),
        ("{type: object, properties: {a: {type: string}}, oneOf: [{required: [a]}, {required: [b]}]}", "{a: x}"),
        ("{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}", "1"),
        ("{x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}", "50%"),
    ])
    func `take`(schema text: String, value: String) throws {
        let causes = try schema(text)
            .validate(JSONValue(yaml: value), old: nil, path: FieldPath("x"), rules: [:])
        #expect(causes.isEmpty, "\(causes)")
    }
}
