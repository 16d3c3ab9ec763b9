import KargoCore
import Testing

@Suite("set-metadata, set-freight-alias, record-audit-event")
struct ControlPlaneStepTests {
    private func run(
        _ kind: String,
        _ config: JSONValue,
        on controlPlane: InMemoryControlPlane,
        _ change: (inout StepContext) -> Void = { _ in }
    ) async throws -> StepResult {
        var result: StepResult?
        try await StepBench.with { bench async throws in
            result = try await bench.run(kind, config, capabilities: StepCapabilities(controlPlane: controlPlane)) {
                $0.promotion.project = "demo"
                $0.promotion.stage = "test"
                $0.promotion.promotion = "test.01j"
                $0.promotion.promotionUID = "uid-1"
                change(&$0)
            }
        }
        return try #require(result)
    }

    // MARK: set-metadata

    @Test func `notes values of any kind`() async throws {
        let controlPlane = InMemoryControlPlane()
        let values: JSONValue = ["text": "x", "number": 9_007_199_254_740_993, "list": [true, .null, ["a": 1.5]]]
        let result = try await run(
            "set-metadata",
            [
                "updates": [
                    ["kind": "Stage", "name": "test", "values": values],
                    ["kind": "Freight", "name": "f1", "values": ["a": 1]],
                    ["kind": "Freight", "name": "f1", "values": ["b": 2]],
                ]
            ],
            on: controlPlane
        )
        #expect(result == .succeeded())
        #expect(controlPlane.value.metadata[.stage("test")] == values.objectValue)
        #expect(controlPlane.value.metadata[.freight("f1")] == ["a": 1, "b": 2])
    }

    @Test func `writes nothing if a key is empty`() async throws {
        let controlPlane = InMemoryControlPlane()
        let result = try await run(
            "set-metadata",
            [
                "updates": [
                    ["kind": "Stage", "name": "test", "values": ["a": 1]],
                    ["kind": "Freight", "name": "f1", "values": ["": 1]],
                ]
            ],
            on: controlPlane
        )
        #expect(result == .erroredForGood("a key of the metadata is empty"))
        #expect(controlPlane.value.metadata.isEmpty)
    }

    @Test func `is tried again when the cluster refuses`() async throws {
        let controlPlane = InMemoryControlPlane(InMemoryControlPlane.State(failure: "forbidden"))
        let result = try await run(
            "set-metadata",
            ["updates": [["kind": "Stage", "name": "test", "values": ["a": 1]]]],
            on: controlPlane
        )
        #expect(result == .errored("the metadata of Stage \"test\" can't be set: forbidden"))
    }

    // MARK: set-freight-alias

    @Test func `tells the alias that was and that is`() async throws {
        let controlPlane = InMemoryControlPlane(InMemoryControlPlane.State(aliases: ["f1": "old"]))
        let result = try await run("set-freight-alias", ["name": "f1", "alias": "new"], on: controlPlane)
        #expect(result.status == .succeeded)
        #expect(result.message == "the alias of Freight \"f1\" was \"old\" and is \"new\"")
        #expect(controlPlane.value.aliases == ["f1": "new"])
    }

    @Test func `fails for good where the alias can't be set`() async throws {
        let result = try await run(
            "set-freight-alias",
            ["name": "f2", "alias": "new"],
            on: InMemoryControlPlane()
        )
        #expect(result == .failed("Freight \"f2\" can't have the alias \"new\": there is no Freight f2"))
    }

    // MARK: record-audit-event

    @Test func `records one Event, however often it runs`() async throws {
        let controlPlane = InMemoryControlPlane()
        for _ in 0..<3 {
            let result = try await run("record-audit-event", ["message": "released"], on: controlPlane) {
                $0.promotion.actor = "alice"
                $0.promotion.targetFreight.name = "f1"
            }
            #expect(result == .succeeded())
        }
        _ = try await run("record-audit-event", ["message": "released"], on: controlPlane) { $0.alias = "again" }
        _ = try await run("record-audit-event", ["message": "released"], on: controlPlane) {
            $0.promotion.promotionUID = "uid-2"
        }
        let events = controlPlane.value.events
        #expect(events.count == 3)
        let event = try #require(events.first)
        #expect(event.metadata.name.hasPrefix("test.01j.") && event.metadata.namespace == "demo")
        #expect(event.message == "released" && event.reason == "AuditEvent")
        #expect(event.involvedObject.kind == "Promotion" && event.involvedObject.uid == "uid-1")
        #expect(
            event.metadata.annotations == [
                "event.kargo-extended.code.org/audit-type": "recorded", "event.kargo.akuity.io/actor": "alice",
                "event.kargo.akuity.io/project": "demo", "event.kargo.akuity.io/promotion-name": "test.01j",
                "event.kargo.akuity.io/stage-name": "test", "event.kargo.akuity.io/freight-name": "f1",
            ]
        )
    }

    @Test func `records what it is told`() async throws {
        let controlPlane = InMemoryControlPlane()
        let config: JSONValue = [
            "message": "approved", "type": "approval", "actor": "bob", "data": ["ticket": "X-1", "a": "ä"],
        ]
        _ = try await run("record-audit-event", config, on: controlPlane) { $0.promotion.actor = "alice" }
        let annotations = controlPlane.value.events.first?.metadata.annotations
        #expect(annotations?["event.kargo-extended.code.org/audit-type"] == "approval")
        #expect(annotations?["event.kargo.akuity.io/actor"] == "bob")
        #expect(annotations?["event.kargo-extended.code.org/audit-data"] == "{\"a\":\"ä\",\"ticket\":\"X-1\"}")
    }

    @Test func `has a name that an object may have, whatever the Promotion is called`() async throws {
        let controlPlane = InMemoryControlPlane()
        let name = String(repeating: "x", count: 253)
        _ = try await run("record-audit-event", ["message": "m"], on: controlPlane) { $0.promotion.promotion = name }
        #expect(controlPlane.value.events.first?.metadata.name.utf8.count == 253)
    }

    // MARK: Configuration

    @Test(
        arguments: [
            ("argocd-update", [:], "(root): apps is required"),
            ("argocd-update", ["apps": []], "apps: Array must have at least 1 items"),
            ("argocd-update", ["apps": [[:]]], "apps.0: Must validate one and only one schema (oneOf)"),
            ("argocd-update", ["apps": [["name": ""]]], "apps.0.name: String length must be"),
            (
                "argocd-update", ["apps": [["name": "a", "selector": ["matchLabels": ["a": "b"]]]]],
                "apps.0: Must validate one and only one schema (oneOf)"
            ),
            (
                "argocd-update", ["apps": [["selector": [:]]]],
                "apps.0.selector: Must validate at least one schema (anyOf)"
            ),
            (
                "argocd-update", ["apps": [["selector": ["matchLabels": [:], "matchExpressions": []]]]],
                "apps.0.selector: Must validate at least one schema (anyOf)"
            ),
            (
                "argocd-update", ["apps": [["selector": ["matchExpressions": [["key": "a", "operator": "Gt"]]]]]],
                "operator must be one of the following"
            ),
            ("argocd-update", ["apps": [["name": "a", "sources": []]]], "apps.0.sources: Array must have at least 1"),
            (
                "argocd-update", ["apps": [["name": "a", "sources": [["chart": "c"]]]]],
                "apps.0.sources.0: repoURL is required"
            ),
            (
                "argocd-update",
                ["apps": [["name": "a", "sources": [["repoURL": "r", "updateTargetRevision": true]]]]],
                "desiredRevision is required"
            ),
            (
                "argocd-update",
                [
                    "apps": [
                        [
                            "name": "a",
                            "sources": [
                                [
                                    "repoURL": "r",
                                    "kustomize": ["images": [["repoURL": "i", "tag": "t", "digest": "d"]]],
                                ]
                            ],
                        ]
                    ]
                ],
                "kustomize.images.0: Must not validate the schema (not)"
            ),
            (
                "argocd-update",
                ["apps": [["name": "a", "sources": [["repoURL": "r", "helm": ["images": [["key": "k"]]]]]]]],
                "helm.images.0: value is required"
            ),
            ("argocd-wait", ["apps": [["name": "a", "waitFor": []]]], "apps.0.waitFor: Array must have at least 1"),
            (
                "argocd-wait", ["apps": [["name": "a", "waitFor": ["sync", "sync"]]]],
                "apps.0.waitFor: array items[0,1] must be unique"
            ),
            ("argocd-wait", ["apps": [["name": "a", "waitFor": ["peace"]]]], "must be one of the following"),
            ("set-metadata", ["updates": []], "updates: Array must have at least 1 items"),
            (
                "set-metadata", ["updates": [["kind": "Warehouse", "name": "a", "values": ["a": 1]]]],
                "kind must be one of the following"
            ),
            (
                "set-metadata", ["updates": [["kind": "Stage", "name": "a", "values": [:]]]],
                "updates.0.values: Must have at least 1 properties"
            ),
            ("set-freight-alias", ["name": "f1"], "(root): alias is required"),
            ("set-freight-alias", ["name": "f1", "alias": ""], "alias: String length must be"),
            ("record-audit-event", [:], "(root): message is required"),
            ("record-audit-event", ["message": "m", "data": ["a": 1]], "data.a: Invalid type. Expected: string"),
        ] as [(String, JSONValue, String)]
    )
    func `fails for good where the configuration does not fit`(
        kind: String,
        config: JSONValue,
        problem: String
    ) async throws {
        let result = try await run(kind, config, on: InMemoryControlPlane())
        #expect(result.failure == .terminal(result.message) && result.status == .failed)
        #expect(result.message.hasPrefix("invalid \(kind) config: ") && result.message.contains(problem))
    }
}
