import KargoCore
import KubernetesClient
import Testing

@Suite("Admission of Promotions")
struct PromotionAdmissionTests {
    private static let stage = """
        metadata: {name: test, namespace: demo, uid: uid-stage}
        spec:
          requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]
          promotionTemplate: {spec: {steps: [{uses: one}]}}
        """
    private static let production = """
        metadata: {name: prod, namespace: demo}
        spec:
          requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {stages: [test]}}]
          promotionTemplate: {spec: {steps: [{uses: one}]}}
        """

    private static func freight(_ name: String, found: String, origin: String = "app") -> String {
        """
        metadata: {name: \(name), namespace: demo}
        origin: {kind: Warehouse, name: \(origin)}
        discoveredAt: \(found)
        """
    }

    private func makeProject() throws -> ProjectFixture {
        try ProjectFixture(
            (.stages, Self.stage),
            (.stages, Self.production),
            (.freights, Self.freight("old", found: "2026-01-01T00:00:00Z")),
            (.freights, Self.freight("new", found: "2026-02-01T00:00:00Z")),
            (.freights, Self.freight("newer-elsewhere", found: "2026-03-01T00:00:00Z", origin: "other"))
        )
    }

    private func create(_ spec: String, metadata: String = "", by username: String = "alice") async throws -> JSONValue
    {
        try await makeProject()
            .review(
                .create,
                .promotions,
                "{metadata: {namespace: demo, generateName: p-\(metadata)}, spec: \(spec), future: 1}",
                by: username
            )
    }

    @Test func `completes a new one and leaves the rest of it`() async throws {
        let object = try await create("{stage: test, freight: old, steps: [{uses: evil}]}")
        let name = try #require(object[path: "metadata", "name"]?.stringValue)
        #expect(name.hasPrefix("test."))
        #expect(name.hasSuffix(".old"))
        #expect(object[path: "metadata", "generateName"] == nil)
        #expect(object["spec"] == ["stage": "test", "freight": "old", "steps": [["uses": "one", "as": "step-1"]]])
        #expect(object["future"] == 1)
        #expect(
            object[path: "metadata", "annotations"] == [
                "kargo.akuity.io/stage": "test", "kargo.akuity.io/create-actor": "kubernetes:alice",
            ]
        )
        #expect(object[path: "metadata", "ownerReferences"]?.arrayValue?.first?["uid"] == "uid-stage")
    }

    @Test(arguments: ["engine", "agent-pod"])
    func `takes away what only the controller writes`(name: String) async throws {
        let annotations = ", annotations: {kargo-extended.code.org/\(name): '{}', mine: kept}"
        for user in ["alice", "kargo"] {
            let object = try await create("{stage: test, freight: old}", metadata: annotations, by: user)
            #expect(object[path: "metadata", "annotations", "kargo-extended.code.org/\(name)"] == nil)
            #expect(object[path: "metadata", "annotations", "mine"] == "kept")
        }
    }

    @Test func `takes an origin for the newest Freight that is available`() async throws {
        let object = try await create("{stage: test, origin: {kind: Warehouse, name: app}}")
        #expect(object[path: "spec", "freight"] == "new")
        #expect(object[path: "spec", "origin"] == nil)
    }

    @Test func `lets a part of Kargo say for whom it acts`() async throws {
        let actor = ", annotations: {kargo.akuity.io/create-actor: 'email:bob@example.org'}"
        let spec = "{stage: test, freight: old}"
        let key = "kargo.akuity.io/create-actor"
        let trusted = try await create(spec, metadata: actor, by: "kargo")
        #expect(trusted[path: "metadata", "annotations", key] == "email:bob@example.org")
        let liar = try await create(spec, metadata: actor)
        #expect(liar[path: "metadata", "annotations", key] == "kubernetes:alice")
    }

    @Test(
        arguments: [
            ("{stage: none, freight: old}", "spec.stage: there is no Stage \"none\" in Project \"demo\""),
            ("{stage: test, freight: none}", "spec.freight: there is no Freight \"none\" in Project \"demo\""),
            ("{stage: test}", "spec: exactly one of freight and origin must be given"),
            (
                "{stage: prod, freight: old}",
                "spec.freight: Freight \"old\" is not available to Stage \"prod\"; approve it, or promote it to the "
                    + "Stages before and have it verified there"
            ),
            (
                "{stage: test, freight: newer-elsewhere}",
                "spec.freight: Freight \"newer-elsewhere\" is not available to Stage \"test\"; approve it, or promote "
                    + "it to the Stages before and have it verified there"
            ),
            (
                "{stage: prod, origin: {kind: Warehouse, name: app}}",
                "spec.origin: no Freight of Warehouse/app is available to Stage \"prod\""
            ),
        ]
    )
    func `refuses what cannot be`(spec: String, reason: String) async throws {
        let error = try await makeProject()
            .refusal(.create, .promotions, "{metadata: {name: p, namespace: demo}, spec: \(spec)}")
        #expect(error.code == .invalid)
        #expect(error.message == "\"p\" is invalid: \(reason)")
    }

    // MARK: Changes

    private func change(_ metadata: String, old: String = "", by username: String = "alice") async throws -> JSONValue {
        let spec = "spec: {stage: test, freight: old}"
        return try await makeProject()
            .review(
                .update,
                .promotions,
                "{metadata: {name: p, namespace: demo, annotations: {\(metadata)}}, \(spec)}",
                old: "{metadata: {name: p, namespace: demo, annotations: {\(old)}}, \(spec)}",
                by: username
            )
    }

    @Test func `lets nobody change what is asked for`() async throws {
        let error = try await makeProject()
            .refusal(
                .update,
                .promotions,
                "{metadata: {name: p, namespace: demo}, spec: {stage: test, freight: new}}",
                old: "{metadata: {name: p, namespace: demo}, spec: {stage: test, freight: old}}"
            )
        #expect(error.code == .invalid)
        #expect(error.message == "\"p\" is invalid: spec: a Promotion can't be changed; create another one")
    }

    @Test func `keeps who created it whatever somebody writes`() async throws {
        let key = "kargo.akuity.io/create-actor"
        let object = try await change("\(key): admin", old: "\(key): 'kubernetes:bob'")
        #expect(object[path: "metadata", "annotations", key] == "kubernetes:bob")
        let without = try await change("\(key): admin")
        #expect(without[path: "metadata", "annotations", key] == nil)
    }

    private func abort(
        _ annotation: String,
        old: String? = nil,
        by username: String = "alice"
    ) async throws -> JSONValue {
        let key = "kargo.akuity.io/abort"
        let object = try await change(
            "\(key): '\(annotation)'",
            old: old.map { "\(key): '\($0)'" } ?? "",
            by: username
        )
        let text = try #require(object[path: "metadata", "annotations", key]?.stringValue)
        return try JSONValue(parsing: text)
    }

    @Test(arguments: [
        "terminate", #"{"action":"terminate"}"#, #"{"action":"terminate","actor":"admin","controlPlane":true}"#,
    ])
    func `writes down who aborts`(annotation: String) async throws {
        #expect(try await abort(annotation) == ["action": "terminate", "actor": "kubernetes:alice"])
    }

    @Test func `believes a part of Kargo who aborts`() async throws {
        #expect(
            try await abort(#"{"action":"terminate","actor":"email:bob"}"#, by: "kargo")
                == ["action": "terminate", "actor": "email:bob", "controlPlane": true]
        )
    }

    @Test func `leaves a request to abort that is not new`() async throws {
        let text = #"{"action":"terminate","actor":"email:bob"}"#
        #expect(try await abort(text, old: text) == ["action": "terminate", "actor": "email:bob"])
    }
}
