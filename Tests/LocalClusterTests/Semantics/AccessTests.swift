import KargoCore
import Testing

@testable import LocalCluster

@Suite("Access")
struct AccessTests {
    private static let rbac = "/apis/rbac.authorization.k8s.io/v1"
    private static let authorization = "/apis/authorization.k8s.io/v1"

    private static let reference: JSONValue = [
        "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader",
    ]

    @Test func `roles and bindings are stored and change nothing`() async throws {
        try await HandlerFixture.with { cluster in
            let rules: JSONValue = [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]]
            let subjects: JSONValue = [["kind": "User", "name": "ann"]]
            let objects: [(String, JSONValue)] = [
                ("namespaces/default/roles", ["rules": rules]), ("clusterroles", ["rules": rules]),
                ("namespaces/default/rolebindings", ["roleRef": Self.reference, "subjects": subjects]),
                ("clusterrolebindings", ["roleRef": Self.reference, "subjects": subjects]),
            ]
            for (path, content) in objects {
                var object = content
                object["metadata"] = ["name": "reader"]
                try await cluster.create("\(Self.rbac)/\(path)", object)
                let stored = try await cluster.get("\(Self.rbac)/\(path)/reader").object
                #expect(stored["rules"] == content["rules"] && stored["roleRef"] == content["roleRef"])
                if content["subjects"] != nil {
                    let subject = stored["subjects"]?.arrayValue?.first
                    #expect(subject == ["kind": "User", "name": "ann", "apiGroup": "rbac.authorization.k8s.io"])
                }
            }
            #expect(try await cluster.send("DELETE", "\(HandlerFixture.configMaps)").status == 200)
        }
    }

    @Test(
        arguments: [
            (
                "clusterroles", ["rules": [["apiGroups": [""], "resources": ["pods"]]]],
                "rules[0].verbs: Required value"
            ),
            ("clusterroles", ["rules": [["verbs": ["get"]]]], "rules[0].apiGroups: Required value"),
            (
                "clusterrolebindings", ["roleRef": ["kind": "Role", "name": "r"]],
                "roleRef.kind: Unsupported value: \"Role\""
            ),
            (
                "clusterrolebindings",
                ["roleRef": AccessTests.reference, "subjects": [["kind": "ServiceAccount", "name": "s"]]],
                "subjects[0].namespace: Required value"
            ),
        ] as [(String, JSONValue, String)]
    )
    func `roles and bindings that mean nothing are refused`(path: String, content: JSONValue, text: String) async throws
    {
        try await HandlerFixture.with { cluster in
            var object = content
            object["metadata"] = ["name": "x"]
            let answer = try await cluster.send("POST", "\(Self.rbac)/\(path)", object)
            #expect(answer.status == 422 && answer.message.contains(text), "\(answer.message)")
        }
    }

    @Test func `the role of a binding can't be changed`() async throws {
        try await HandlerFixture.with { cluster in
            let path = "\(Self.rbac)/clusterrolebindings"
            try await cluster.create(path, ["metadata": ["name": "b"], "roleRef": Self.reference])
            let answer = try await cluster.merge("\(path)/b", ["roleRef": ["name": "writer"]])
            #expect(answer.status == 422 && answer.message.contains("cannot change roleRef"))
        }
    }

    @Test(
        arguments: [
            ("selfsubjectaccessreviews", ["resourceAttributes": ["verb": "get", "resource": "pods"]]),
            ("selfsubjectaccessreviews", ["nonResourceAttributes": ["verb": "get", "path": "/x"]]),
            ("subjectaccessreviews", ["user": "ann", "resourceAttributes": ["verb": "get", "resource": "pods"]]),
            (
                "namespaces/default/localsubjectaccessreviews",
                ["user": "ann", "resourceAttributes": ["verb": "get", "resource": "pods", "namespace": "default"]]
            ),
        ] as [(String, JSONValue)]
    )
    func `reviews of access allow`(path: String, spec: JSONValue) async throws {
        try await HandlerFixture.with { cluster in
            let version = cluster.handler.store.version
            let answer = try await cluster.create("\(Self.authorization)/\(path)", ["spec": spec])
            #expect(answer.object[path: "status", "allowed"] == true && answer.object["spec"] == spec)
            #expect(cluster.handler.store.version == version)
            #expect(try await cluster.get("\(Self.authorization)/\(path)").status == 405)
        }
    }

    @Test(
        arguments: [
            ("selfsubjectaccessreviews", [:]), ("subjectaccessreviews", ["resourceAttributes": ["verb": "get"]]),
        ] as [(String, JSONValue)]
    )
    func `reviews of access that ask nothing are refused`(path: String, spec: JSONValue) async throws {
        try await HandlerFixture.with { cluster in
            let answer = try await cluster.send("POST", "\(Self.authorization)/\(path)", ["spec": spec])
            #expect(answer.status == 422)
        }
    }

    @Test func `callers learn what they may do and who they are`() async throws {
        try await HandlerFixture.with { cluster in
            let rules = try await cluster.create(
                "\(Self.authorization)/selfsubjectrulesreviews",
                ["spec": ["namespace": "default"]]
            )
            #expect(rules.object[path: "status", "resourceRules"]?.arrayValue?.first?["verbs"] == ["*"])
            #expect(rules.object[path: "status", "incomplete"] == false)
            let identity = try await cluster.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", [:])
            #expect(identity.object[path: "status", "userInfo", "username"] == "tester")
        }
    }

    @Test func `reviews can only be created, which discovery says`() async throws {
        try await HandlerFixture.with { cluster in
            let list = try await cluster.get(Self.authorization).object
            let verbs = list["resources"]?.arrayValue?.compactMap { $0["verbs"] }
            #expect(verbs == [["create"], ["create"], ["create"], ["create"]])
        }
    }
}

@Suite("Events")
struct EventExpiryTests {
    private static let path = "/api/v1/namespaces/default/events"

    @Test func `go when nothing has been added to them for a while`() async throws {
        try await HandlerFixture.with { cluster in
            let object: JSONValue = ["kind": "Pod", "name": "p", "namespace": "default"]
            for name in ["old", "renewed"] {
                try await cluster.create(Self.path, ["metadata": ["name": .string(name)], "involvedObject": object])
            }
            let expiry = EventExpiry(handler: cluster.handler, lifetime: .seconds(3600))
            cluster.time.advance(by: 3000)
            let now = KubernetesTime(cluster.time.value).description
            try await cluster.merge("\(Self.path)/renewed", ["lastTimestamp": .string(now), "count": 2])
            await expiry.expire()
            #expect(try await cluster.get(Self.path).names == ["old", "renewed"])
            cluster.time.advance(by: 601)
            await expiry.expire()
            #expect(try await cluster.get(Self.path).names == ["renewed"])
            cluster.time.advance(by: 3000)
            await expiry.expire()
            #expect(try await cluster.get(Self.path).names.isEmpty)
        }
    }
}

@Suite("Status of Pods")
struct PodStatusTests {
    @Test(arguments: ["PUT", "PATCH"])
    func `can be written by who plays the kubelet`(method: String) async throws {
        try await HandlerFixture.with { cluster in
            let pods = "/api/v1/namespaces/default/pods"
            let created = try await cluster.create(
                pods,
                [
                    "metadata": ["name": "p"], "spec": ["containers": [["name": "c", "image": "busybox"]]],
                    "status": ["phase": "Running"],
                ]
            )
            #expect(created.object[path: "status", "phase"] == "Pending")
            let status: JSONValue = [
                "phase": "Running", "podIP": "10.0.0.1",
                "conditions": [["type": "Ready", "status": "True"]],
            ]
            var object = created.object
            object["status"] = status
            object[path: "metadata", "labels"] = ["ignored": "yes"]
            let written =
                method == "PUT"
                ? try await cluster.send("PUT", "\(pods)/p/status", object)
                : try await cluster.send(
                    "PATCH",
                    "\(pods)/p/status",
                    ["status": status],
                    contentType: "application/strategic-merge-patch+json"
                )
            #expect(written.status == 200, "\(written.message)")
            let stored = try await cluster.get("\(pods)/p").object
            #expect(stored[path: "status", "phase"] == "Running" && stored[path: "status", "podIP"] == "10.0.0.1")
            #expect(stored[path: "metadata", "labels"] == nil)
        }
    }
}
