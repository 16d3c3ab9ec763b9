import KargoCore
import Testing

@testable import LocalCluster

@Suite("Deletions", .timeLimit(.minutes(1)))
struct DeletionTests {
    private static let maps = HandlerFixture.configMaps

    private func delete(
        _ cluster: HandlerFixture,
        _ name: String,
        _ policy: String
    ) async throws -> HandlerFixture.Answer {
        try await cluster.send("DELETE", "\(Self.maps)/\(name)", ["propagationPolicy": .string(policy)])
    }

    @Test func `in the background take what belongs to the object after it`() async throws {
        try await HandlerFixture.with { cluster in
            let owner = try await cluster.createConfigMap("owner")
            let child = try await cluster.createConfigMap("child", owners: [owner])
            let grandchild = try await cluster.createConfigMap("grandchild", owners: [child])
            #expect(try await delete(cluster, "owner", "Background").object["status"] == "Success")
            try await cluster.waitForEnd(Self.maps, "grandchild", since: grandchild.version)
            #expect(try await cluster.get(Self.maps).names.isEmpty)
        }
    }

    @Test func `in the foreground take what blocks the object before it`() async throws {
        try await HandlerFixture.with { cluster in
            let owner = try await cluster.createConfigMap("owner")
            let child = try await cluster.createConfigMap("child", owners: [owner], blocking: true)
            try await cluster.createConfigMap("grandchild", owners: [child], blocking: true)
            let marked = try await delete(cluster, "owner", "Foreground")
            #expect(marked.object[path: "metadata", "finalizers"] == ["foregroundDeletion"])
            #expect(marked.object[path: "metadata", "deletionTimestamp"] != nil)
            let events = try await cluster.watch("\(Self.maps)?watch=true&resourceVersion=\(marked.version)") {
                $0["type"] == "DELETED" && $0[path: "object", "metadata", "name"] == "owner"
            }
            let ends = events.filter { $0["type"] == "DELETED" }.compactMap { $0[path: "object", "metadata", "name"] }
            #expect(ends == ["grandchild", "child", "owner"])
        }
    }

    @Test func `in the foreground end where objects own each other`() async throws {
        try await HandlerFixture.with { cluster in
            let first = try await cluster.createConfigMap("first")
            let second = try await cluster.createConfigMap("second", owners: [first], blocking: true)
            try await cluster.merge(
                "\(Self.maps)/first",
                ["metadata": ["ownerReferences": [cluster.reference(to: second, blocking: true)]]]
            )
            let marked = try await delete(cluster, "first", "Foreground")
            try await cluster.waitForEnd(Self.maps, "first", since: marked.version)
            #expect(try await cluster.get(Self.maps).names.isEmpty)
        }
    }

    @Test(arguments: [["propagationPolicy": "Orphan"], ["orphanDependents": true]] as [JSONValue])
    func `leave orphans where that is asked for`(options: JSONValue) async throws {
        try await HandlerFixture.with { cluster in
            let owner = try await cluster.createConfigMap("owner")
            try await cluster.createConfigMap("child", owners: [owner])
            let marked = try await cluster.send("DELETE", "\(Self.maps)/owner", options)
            #expect(marked.object[path: "metadata", "finalizers"] == ["orphan"])
            try await cluster.waitForEnd(Self.maps, "owner", since: marked.version)
            let child = try await cluster.get("\(Self.maps)/child")
            #expect(child.status == 200 && child.object[path: "metadata", "ownerReferences"] == nil)
        }
    }

    @Test func `keep what has another owner, without the one that is gone`() async throws {
        try await HandlerFixture.with { cluster in
            let owners = [try await cluster.createConfigMap("a"), try await cluster.createConfigMap("b")]
            let child = try await cluster.createConfigMap("child", owners: owners)
            _ = try await delete(cluster, "a", "Background")
            let path = "\(Self.maps)?watch=true&resourceVersion=\(child.version)&fieldSelector=metadata.name=child"
            let events = try await cluster.watch(path) { $0["type"] == "MODIFIED" }
            let references = events.last?[path: "object", "metadata", "ownerReferences"]?.arrayValue ?? []
            #expect(references.map { $0["name"] } == ["b"])
        }
    }

    @Test func `take objects whose owner never was, or is in another namespace`() async throws {
        try await HandlerFixture.with { cluster in
            var missing = try await cluster.createConfigMap("missing")
            _ = try await delete(cluster, "missing", "Background")
            missing = try await cluster.createConfigMap("child", owners: [missing])
            try await cluster.waitForEnd(Self.maps, "child", since: missing.version)

            let owner = try await cluster.createConfigMap("owner")
            let team = "/api/v1/namespaces/team/configmaps"
            let stray = try await cluster.create(
                team,
                ["metadata": ["name": "stray", "ownerReferences": [cluster.reference(to: owner)]]]
            )
            try await cluster.waitForEnd(team, "stray", since: stray.version)
        }
    }

    @Test(arguments: [
        #"{"propagationPolicy":"Sideways"}"#, #"{"propagationPolicy":"Orphan","orphanDependents":true}"#,
        #"{"gracePeriodSeconds":-1}"#, #"{"dryRun":["Some"]}"#, "[]",
    ])
    func `with options that mean nothing are refused`(options: String) async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.createConfigMap("a")
            let answer = try await cluster.send(cluster.call("DELETE", "\(Self.maps)/a", Array(options.utf8)))
            #expect(answer.status == 400, "\(answer.object)")
        }
    }

    @Test func `can be bound to an object and its version`() async throws {
        try await HandlerFixture.with { cluster in
            let object = try await cluster.createConfigMap("a")
            for preconditions in [["uid": "other"], ["resourceVersion": "1"]] as [JSONValue] {
                let answer = try await cluster.send("DELETE", "\(Self.maps)/a", ["preconditions": preconditions])
                #expect(answer.status == 409)
            }
            let preconditions: JSONValue = ["uid": .string(object.uid), "resourceVersion": .string(object.version)]
            #expect(try await cluster.send("DELETE", "\(Self.maps)/a", ["preconditions": preconditions]).status == 200)
        }
    }

    @Test func `of collections take what is selected`() async throws {
        try await HandlerFixture.with { cluster in
            for name in ["a", "b", "c"] {
                try await cluster.createConfigMap(name, labels: ["x": .string(name == "c" ? "no" : "yes")])
            }
            let answer = try await cluster.send("DELETE", "\(Self.maps)?labelSelector=x%3Dyes")
            #expect(answer.names == ["a", "b"])
            #expect(try await cluster.get(Self.maps).names == ["c"])
        }
    }

    @Test func `of a kind wait for its objects`() async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.create(
                HandlerFixture.widgets,
                ["metadata": ["name": "w", "finalizers": ["example.com/hold"]], "spec": ["color": "red"]]
            )
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
            let marked = try await cluster.send("DELETE", "\(path)/widgets.example.com")
            #expect(marked.object[path: "metadata", "deletionTimestamp"] != nil)
            let late = try await cluster.send(
                "POST",
                HandlerFixture.widgets,
                ["metadata": ["name": "late"], "spec": ["color": "red"]]
            )
            #expect(late.status == 405)
            try await cluster.watch("\(HandlerFixture.widgets)?watch=true") {
                $0[path: "object", "metadata", "deletionTimestamp"] != nil
            }
            try await cluster.merge("\(HandlerFixture.widgets)/w", ["metadata": ["finalizers": nil]])
            try await cluster.waitForEnd(path, "widgets.example.com", since: marked.version)
            #expect(try await cluster.get(HandlerFixture.widgets).status == 404)
        }
    }

    @Test func `of Pods and service accounts answer the object`() async throws {
        try await HandlerFixture.with { cluster in
            let pods = "/api/v1/namespaces/default/pods"
            try await cluster.create(
                pods,
                ["metadata": ["name": "p"], "spec": ["containers": [["name": "c", "image": "busybox"]]]]
            )
            #expect(try await cluster.send("DELETE", "\(pods)/p?gracePeriodSeconds=0").object["kind"] == "Pod")
            let accounts = "/api/v1/namespaces/default/serviceaccounts"
            try await cluster.create(accounts, ["metadata": ["name": "s"]])
            #expect(try await cluster.send("DELETE", "\(accounts)/s").object["kind"] == "ServiceAccount")
        }
    }
}

@Suite("Namespaces", .timeLimit(.minutes(1)))
struct NamespaceTests {
    private static let path = "/api/v1/namespaces"

    @Test func `end when they are empty, and take nothing new until then`() async throws {
        try await HandlerFixture.with { cluster in
            let held = "\(Self.path)/team/configmaps"
            try await cluster.create(held, ["metadata": ["name": "held", "finalizers": ["example.com/hold"]]])
            try await cluster.create(held, ["metadata": ["name": "free"]])
            let marked = try await cluster.send("DELETE", "\(Self.path)/team")
            #expect(marked.object[path: "status", "phase"] == "Terminating")
            #expect(marked.object[path: "spec", "finalizers"] == ["kubernetes"])
            let late = try await cluster.send("POST", held, ["metadata": ["name": "late"]])
            #expect(late.status == 403 && late.object["reason"] == "Forbidden")
            #expect(
                late.object[path: "details", "causes"]?.arrayValue?.first?["reason"] == "NamespaceTerminating"
            )
            try await cluster.waitForEnd(held, "free", since: marked.version)
            #expect(try await cluster.get("\(Self.path)/team").status == 200)
            try await cluster.merge("\(held)/held", ["metadata": ["finalizers": nil]])
            try await cluster.waitForEnd(Self.path, "team", since: marked.version)
            #expect(try await cluster.get("\(Self.path)/team").status == 404)
        }
    }

    @Test func `keep their own finalizers until somebody finalizes them`() async throws {
        try await HandlerFixture.with { cluster in
            let created = try await cluster.create(
                Self.path,
                ["metadata": ["name": "held"], "spec": ["finalizers": ["kubernetes", "example.com/hold"]]]
            )
            _ = try await cluster.send("DELETE", "\(Self.path)/held")
            let events = try await cluster.watch(
                "\(Self.path)?watch=true&resourceVersion=\(created.version)&fieldSelector=metadata.name=held"
            ) { $0[path: "object", "spec", "finalizers"] == ["example.com/hold"] }
            var object = try #require(events.last?["object"])
            object[path: "spec", "finalizers"] = []
            // A plain update leaves them alone.
            let same = try await cluster.send("PUT", "\(Self.path)/held", object)
            #expect(same.object[path: "spec", "finalizers"] == ["example.com/hold"])
            #expect(try await cluster.send("PUT", "\(Self.path)/held/finalize", object).status == 200)
            #expect(try await cluster.get("\(Self.path)/held").status == 404)
        }
    }

    @Test(arguments: ["default", "kube-system"])
    func `that everything counts on can't be deleted`(name: String) async throws {
        try await HandlerFixture.with { cluster in
            if name != "default" { try await cluster.create(Self.path, ["metadata": ["name": .string(name)]]) }
            let answer = try await cluster.send("DELETE", "\(Self.path)/\(name)")
            #expect(answer.status == 403)
            #expect(answer.message == "namespaces \"\(name)\" is forbidden: this namespace may not be deleted")
        }
    }
}
