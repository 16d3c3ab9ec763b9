import KargoCore
import Testing

@testable import LocalCluster

@Suite("Lists")
struct ListTests {
    private static let path = HandlerFixture.configMaps

    /// The names of all pieces of a list, and how many come after each.
    private func pieces(
        _ cluster: HandlerFixture,
        _ query: String,
        between: () async throws -> Void = {}
    ) async throws -> (names: [[String]], remaining: [Int64?], versions: Set<String>) {
        var names: [[String]] = []
        var remaining: [Int64?] = []
        var versions: Set<String> = []
        var token = ""
        repeat {
            let piece = try await cluster.get("\(Self.path)?\(query)&continue=\(token)")
            #expect(piece.status == 200, "\(piece.message)")
            names.append(piece.names)
            remaining.append(piece.object[path: "metadata", "remainingItemCount"]?.intValue)
            versions.insert(piece.version)
            token = piece.object[path: "metadata", "continue"]?.stringValue ?? ""
            try await between()
        } while !token.isEmpty
        return (names, remaining, versions)
    }

    @Test func `come in pieces of one version, whatever happens meanwhile`() async throws {
        try await HandlerFixture.with { cluster in
            for name in ["a", "c", "e", "g", "i"] { try await cluster.createConfigMap(name) }
            let whole = try await cluster.get(Self.path)
            var step = 0
            let list = try await pieces(cluster, "limit=2") {
                step += 1
                guard step == 1 else { return }
                _ = try await cluster.send("DELETE", "\(Self.path)/g")
                try await cluster.createConfigMap("f")
                try await cluster.merge("\(Self.path)/i", ["data": ["k": "v"]])
            }
            #expect(list.names == [["a", "c"], ["e", "g"], ["i"]])
            #expect(list.remaining == [3, 1, nil])
            #expect(list.versions == [whole.version])
            let past = try await cluster.get("\(Self.path)?resourceVersion=\(whole.version)&resourceVersionMatch=Exact")
            #expect(past.names == whole.names && past.version == whole.version)
            #expect(past.object["items"] == whole.object["items"])
        }
    }

    @Test func `count what matches towards their limit`() async throws {
        try await HandlerFixture.with { cluster in
            for name in ["a", "b", "c", "d", "e"] {
                try await cluster.createConfigMap(name, labels: ["odd": .string(String("ace".contains(name)))])
            }
            let list = try await pieces(cluster, "limit=2&labelSelector=odd%3Dtrue")
            #expect(list.names == [["a", "c"], ["e"]])
            #expect(list.remaining == [nil, nil])
        }
    }

    @Test func `go on inconsistently when their version is forgotten`() async throws {
        try await HandlerFixture.with(eventCapacity: 2) { cluster in
            for name in ["a", "b", "c"] { try await cluster.createConfigMap(name) }
            let first = try await cluster.get("\(Self.path)?limit=1")
            for name in ["d", "e", "f"] { try await cluster.createConfigMap(name) }
            let token = first.object[path: "metadata", "continue"]?.stringValue ?? ""
            let expired = try await cluster.get("\(Self.path)?limit=9&continue=\(token)")
            #expect(expired.status == 410 && expired.object["reason"] == "Expired")
            let other = expired.object[path: "metadata", "continue"]?.stringValue ?? ""
            #expect(try await cluster.get("\(Self.path)?limit=9&continue=\(other)").names == ["b", "c", "d", "e", "f"])
        }
    }

    @Test(arguments: [
        ("limit=x", 400), ("limit=-1", 400), ("continue=x", 400), ("resourceVersion=x", 400),
        ("resourceVersionMatch=Exact", 400), ("resourceVersion=0&resourceVersionMatch=Exact", 400),
        ("resourceVersion=1&resourceVersionMatch=Newer", 400), ("resourceVersion=999999", 504),
        ("resourceVersion=0", 200), ("resourceVersion=0&limit=500", 200),
        ("resourceVersion=2&resourceVersionMatch=NotOlderThan", 200), ("limit=0", 200),
    ])
    func `refuse what they can't do`(query: String, status: Int) async throws {
        try await HandlerFixture.with { cluster in
            let answer = try await cluster.get("\(Self.path)?\(query)")
            #expect(answer.status == status, "\(answer.message)")
            if status == 504 { #expect(answer.object[path: "details", "retryAfterSeconds"] == 1) }
        }
    }

    @Test func `are tables and metadata for who wants that`() async throws {
        try await HandlerFixture.with { cluster in
            for name in ["a", "b"] {
                try await cluster.create(
                    HandlerFixture.widgets,
                    ["metadata": ["name": .string(name)], "spec": ["color": "red", "size": 7]]
                )
            }
            let accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
            let table = try await cluster.send("GET", "\(HandlerFixture.widgets)?limit=1", accept: accept).object
            #expect(table["columnDefinitions"]?.arrayValue?.compactMap { $0["name"] } == ["Name", "Size", "Ready"])
            #expect(table["rows"]?.arrayValue?.map { $0["cells"] } == [["a", 7, nil]])
            let whole = try await cluster.get("\(HandlerFixture.widgets)/a").object
            #expect(whole[path: "metadata", "managedFields"] != nil)
            #expect(table["rows"]?.arrayValue?.map { $0[path: "object", "metadata"] } == [whole["metadata"]])
            #expect(table[path: "metadata", "continue"] != nil)
            #expect(table[path: "metadata", "remainingItemCount"] == 1)
            let partial = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
            let list = try await cluster.send("GET", HandlerFixture.widgets, accept: partial).object
            #expect(list["kind"] == "PartialObjectMetadataList")
            #expect(list["items"]?.arrayValue?.allSatisfy { $0["spec"] == nil && $0["metadata"] != nil } == true)
        }
    }
}

@Suite("Selectors")
struct SelectorTests {
    @Test(arguments: [
        ("app=web", ["a"]), ("app==web", ["a"]), ("app!=web", ["b", "c"]), ("app in (web,db)", ["a", "b"]),
        ("app notin (web, db)", ["c"]), ("app", ["a", "b"]), ("!app", ["c"]), ("size>1", ["b"]), ("size<2", ["a"]),
        ("app in (web,db),size=2", ["b"]), ("", ["a", "b", "c"]), (" ", ["a", "b", "c"]), ("app=", []),
    ])
    func `by labels choose`(selector: String, names: [String]) async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.createConfigMap("a", labels: ["app": "web", "size": "1"])
            try await cluster.createConfigMap("b", labels: ["app": "db", "size": "2"])
            try await cluster.createConfigMap("c")
            var call = cluster.call("GET", HandlerFixture.configMaps)
            call.query = ["labelSelector": selector]
            #expect(try await cluster.send(call).names == names)
        }
    }

    @Test(arguments: [
        ("labelSelector", "a in b"), ("labelSelector", "a b"), ("labelSelector", "a=b,,"), ("labelSelector", "-x=1"),
        ("labelSelector", "a=?"), ("labelSelector", "a>x"), ("fieldSelector", "metadata.name"),
        ("fieldSelector", "data.k=v"),
    ])
    func `that mean nothing are refused`(parameter: String, selector: String) async throws {
        try await HandlerFixture.with { cluster in
            var call = cluster.call("GET", HandlerFixture.configMaps)
            call.query = [parameter: selector]
            let answer = try await cluster.send(call)
            #expect(answer.status == 400 && answer.object["reason"] == "BadRequest")
        }
    }

    @Test(arguments: [
        ("spec.nodeName=", ["a", "b"]), ("status.phase=Running", ["a"]), ("status.phase!=Running", ["b"]),
        ("metadata.name=b", ["b"]), ("metadata.namespace=default,metadata.name!=a", ["b"]),
        ("spec.restartPolicy=Never", []), ("spec.hostNetwork=false", ["a", "b"]),
    ])
    func `by fields choose Pods`(selector: String, names: [String]) async throws {
        try await HandlerFixture.with { cluster in
            let pods = "/api/v1/namespaces/default/pods"
            for name in ["a", "b"] {
                try await cluster.create(
                    pods,
                    [
                        "metadata": ["name": .string(name)],
                        "spec": ["containers": [["name": "c", "image": "busybox"]]],
                    ]
                )
            }
            try await cluster.merge("\(pods)/a/status", ["status": ["phase": "Running"]])
            var call = cluster.call("GET", "/api/v1/pods")
            call.query = ["fieldSelector": selector]
            #expect(try await cluster.send(call).names == names)
        }
    }

    @Test func `by fields choose objects of a custom kind that names the fields`() async throws {
        try await HandlerFixture.with { cluster in
            for (name, color) in [("a", "red"), ("b", "green")] {
                try await cluster.create(
                    HandlerFixture.widgets,
                    ["metadata": ["name": .string(name)], "spec": ["color": .string(color)]]
                )
            }
            let path = "\(HandlerFixture.widgets)?fieldSelector=spec.color%3Dred"
            #expect(try await cluster.get(path).status == 400)
            let crd = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"
            var definition = try await cluster.get(crd).object
            var versions = definition[path: "spec", "versions"]?.arrayValue ?? []
            versions[0]["selectableFields"] = [["jsonPath": ".spec.color"]]
            definition[path: "spec", "versions"] = .array(versions)
            #expect(try await cluster.send("PUT", crd, definition).status == 200)
            #expect(try await cluster.get(path).names == ["a"])
        }
    }
}
