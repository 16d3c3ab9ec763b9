import KargoCore
import Testing

@testable import LocalCluster

@Suite("Server-side apply")
struct FieldTrackingTests {
    private let pods: ResourceDefinition
    private let widgets: ResourceDefinition

    init() throws {
        pods = try #require(CoreResources.definitions.first { $0.kind == "Pod" })
        widgets = try ResourceDefinition.custom(JSONValue(yaml: ClusterFixture.crd), rules: [:])[0]
    }

    private func tracking(
        _ manager: String,
        _ definition: ResourceDefinition,
        _ operation: FieldManagers.Manager.Operation = .apply,
        part: APIHandler.Part = .main
    ) -> FieldTracking {
        let call = APICall(
            method: "PATCH",
            path: "",
            query: ["fieldManager": manager],
            accept: "",
            contentType: "",
            body: [],
            caller: Caller(username: "")
        )
        return FieldTracking(call, definition, part: part, operation, time: "2026-01-01T00:00:00Z")
    }

    private func created(_ manager: String, _ definition: ResourceDefinition, _ object: JSONValue) -> JSONValue {
        var stored = object
        stored[path: "metadata", "managedFields"] = tracking(manager, definition).createdByApplying(object).json
        return stored
    }

    private func applied(
        _ manager: String,
        _ definition: ResourceDefinition,
        _ configuration: JSONValue,
        to object: JSONValue,
        force: Bool = false
    ) throws -> JSONValue {
        let draft = try tracking(manager, definition).apply(configuration, to: object, force: force)
        var result = draft.object
        result[path: "metadata", "managedFields"] = draft.managers?.json
        return result
    }

    private func updated(
        _ manager: String,
        _ definition: ResourceDefinition,
        _ object: JSONValue,
        _ new: JSONValue
    )
        -> JSONValue
    {
        var new = new
        new[path: "metadata", "managedFields"] =
            tracking(manager, definition, .update)
            .updated(new, old: object, known: object[path: "metadata", "managedFields"], sent: nil).json
        return new
    }

    private func fields(of manager: String, in object: JSONValue) -> JSONValue? {
        object[path: "metadata", "managedFields"]?.arrayValue?.first { $0["manager"] == .string(manager) }?["fieldsV1"]
    }

    private func pod(_ containers: JSONValue) -> JSONValue {
        ["metadata": ["name": "p"], "spec": ["containers": containers]]
    }

    @Test func `elements of lists are owned by what tells them apart`() {
        let pod = created(
            "a",
            pods,
            pod([["name": "c", "image": "x", "args": ["1"], "ports": [["containerPort": 80]]]])
        )
        #expect(
            fields(of: "a", in: pod) == [
                "f:spec": [
                    "f:containers": [
                        "k:{\"name\":\"c\"}": [
                            ".": [:], "f:name": [:], "f:image": [:], "f:args": [:],
                            "f:ports": [
                                "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": [".": [:], "f:containerPort": [:]]
                            ],
                        ]
                    ]
                ]
            ]
        )
    }

    @Test func `a list is merged by element, and an element goes with who wanted it`() throws {
        var pod = created("a", pods, pod([["name": "c", "image": "x"]]))
        pod = try applied("b", pods, self.pod([["name": "d", "image": "y"]]), to: pod)
        let names = { (pod: JSONValue) in pod[path: "spec", "containers"]?.arrayValue?.compactMap { $0["name"] } }
        #expect(names(pod) == ["c", "d"])
        pod = try applied("a", pods, self.pod([["name": "e"]]), to: pod)
        #expect(names(pod) == ["d", "e"])
        #expect(fields(of: "b", in: pod) != nil)
    }

    @Test func `what two want the same stays until both let go`() throws {
        let wanted = { (spec: JSONValue) -> JSONValue in ["metadata": ["name": "w"], "spec": spec] }
        var widget = created("a", widgets, wanted(["color": "red", "size": 3]))
        widget = try applied("b", widgets, wanted(["color": "red"]), to: widget)
        widget = try applied("a", widgets, wanted(["size": 3]), to: widget)
        #expect(widget["spec"] == ["color": "red", "size": 3])
        widget = try applied("b", widgets, wanted([:]), to: widget)
        #expect(widget["spec"] == ["size": 3])
    }

    @Test func `others' fields are refused with their names, unless forced`() throws {
        let widget = created(
            "a",
            widgets,
            [
                "metadata": ["name": "w"],
                "spec": ["color": "red", "parts": [["id": "x", "num": 1]], "tags": ["t"], "free": ["l": [1]]],
            ]
        )
        let other: JSONValue = [
            "metadata": ["name": "w"],
            "spec": ["color": "green", "parts": [["id": "x", "num": 2]], "tags": ["u"], "free": ["l": [2]]],
        ]
        let failure = #expect(throws: APIFailure.self) { try applied("b", widgets, other, to: widget) }
        #expect(failure?.code == 409 && failure?.reason == "Conflict")
        #expect(
            failure?.message == """
                Apply failed with 3 conflicts: conflicts with "a":
                - .spec.color
                - .spec.free.l
                - .spec.parts[id="x"].num
                """
        )
        #expect(
            failure?.details?["causes"]?.arrayValue?.first == [
                "reason": "FieldManagerConflict", "message": "conflict with \"a\"", "field": ".spec.color",
            ]
        )
        let forced = try applied("b", widgets, other, to: widget, force: true)
        #expect(
            forced["spec"] == [
                "color": "green", "parts": [["id": "x", "num": 2]], "tags": ["t", "u"], "free": ["l": [2]],
            ]
        )
        #expect(
            fields(of: "a", in: forced) == [
                "f:spec": [
                    "f:parts": ["k:{\"id\":\"x\"}": [".": [:], "f:id": [:]]], "f:tags": ["v:\"t\"": [:]],
                ]
            ]
        )
    }

    @Test func `updates take what they change`() throws {
        let widget = created("a", widgets, ["metadata": ["name": "w"], "spec": ["color": "red", "size": 3]])
        var new = widget
        new["spec"] = ["color": "green"]
        new[path: "metadata", "labels"] = ["l": "v"]
        new["status"] = ["ready": true]
        let result = updated("b", widgets, widget, new)
        #expect(fields(of: "a", in: result) == nil)
        #expect(
            fields(of: "b", in: result) == [
                "f:metadata": ["f:labels": [".": [:], "f:l": [:]]], "f:spec": ["f:color": [:]],
            ]
        )
        let failure = #expect(throws: APIFailure.self) {
            try applied("a", widgets, ["spec": ["color": "red"]], to: result)
        }
        #expect(
            failure?.message
                == "Apply failed with 1 conflict: conflict with \"b\" using example.com/v1: .spec.color"
        )
    }

    @Test func `the status is owned apart`() throws {
        let widget = created("a", widgets, ["metadata": ["name": "w"], "spec": ["color": "red"]])
        var new = widget
        new["status"] = ["ready": true]
        let managers = tracking("a", widgets, .update, part: .status)
            .updated(new, old: widget, known: widget[path: "metadata", "managedFields"], sent: nil)
        #expect(
            managers.json?.arrayValue?.map { $0["subresource"] } == [nil, "status"]
        )
        #expect(managers.json?.arrayValue?.last?["fieldsV1"] == ["f:status": [".": [:], "f:ready": [:]]])
    }

    @Test func `what is written is read again`() throws {
        let pod = created("a", pods, pod([["name": "c", "image": "x"]]))
        let value = pod[path: "metadata", "managedFields"]
        #expect(FieldManagers(value)?.json == value)
        #expect(FieldManagers([["operation": "Other"]]) == nil)
    }

    @Test func `only so many updaters are told apart`() {
        var object: JSONValue = ["metadata": ["name": "w"], "spec": [:]]
        for number in 1...14 {
            var new = object
            new[path: "metadata", "labels", "l\(number)"] = "v"
            object = updated("m\(number)", widgets, object, new)
        }
        let managers = object[path: "metadata", "managedFields"]?.arrayValue?.map { $0["manager"] }
        #expect(managers?.count == 10 && managers?.contains("ancient-changes") == true)
    }
}
