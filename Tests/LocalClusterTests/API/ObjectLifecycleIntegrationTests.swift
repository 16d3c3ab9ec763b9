import KargoCore
import KargoTestSupport
import KubernetesClient
import LocalCluster
import Synchronization
import Testing

@Suite("Objects of a local cluster")
struct ObjectLifecycleIntegrationTests {
    @Test func `are created, read, changed and deleted`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            let created = try await api.create(.configMaps, namespace: "default", cluster.configMap("a", ["k": "v"]))
            #expect(created["kind"] == "ConfigMap" && created["apiVersion"] == "v1")
            #expect(created[path: "metadata", "uid"]?.stringValue?.count == 36)
            #expect(created[path: "metadata", "creationTimestamp"] != nil)
            #expect(try await api.get(.configMaps, namespace: "default", name: "a") == created)

            let patched = try await api.patch(
                .configMaps,
                namespace: "default",
                name: "a",
                .merge(["data": ["k": nil, "l": "w"]])
            )
            #expect(patched["data"] == ["l": "w"])
            #expect(patched[path: "metadata", "uid"] == created[path: "metadata", "uid"])
            let versions = [created, patched]
                .compactMap { UInt64($0[path: "metadata", "resourceVersion"]?.stringValue ?? "") }
            #expect(versions[0] < versions[1])

            let same = try await api.patch(.configMaps, namespace: "default", name: "a", .merge(["data": ["l": "w"]]))
            #expect(same == patched)

            var stale = created
            stale["data"] = ["x": "y"]
            let conflict = await failure {
                _ = try await api.replace(.configMaps, namespace: "default", name: "a", stale)
            }
            #expect(conflict?.code == .conflict)
            stale[path: "metadata", "resourceVersion"] = patched[path: "metadata", "resourceVersion"]
            #expect(try await api.replace(.configMaps, namespace: "default", name: "a", stale)["data"] == ["x": "y"])

            let status = try await api.delete(.configMaps, namespace: "default", name: "a")
            #expect(status["status"] == "Success" && status[path: "details", "uid"] == created[path: "metadata", "uid"])
            let gone = await failure { _ = try await api.get(.configMaps, namespace: "default", name: "a") }
            #expect(gone?.code == .notFound)
            #expect(gone?.message == "configmaps \"a\" not found")
        }
    }

    @Test func `are refused with the words of Kubernetes`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            _ = try await api.create(.configMaps, namespace: "default", cluster.configMap("a"))
            let cases: [(KubernetesError.Code, String, () async throws -> Void)] = [
                (
                    .alreadyExists, "configmaps \"a\" already exists",
                    { _ = try await api.create(.configMaps, namespace: "default", cluster.configMap("a")) }
                ),
                (
                    .notFound, "namespaces \"nope\" not found",
                    { _ = try await api.create(.configMaps, namespace: "nope", cluster.configMap("a")) }
                ),
                (
                    .invalid, "metadata.name: Invalid value: \"A_b\"",
                    { _ = try await api.create(.configMaps, namespace: "default", cluster.configMap("A_b")) }
                ),
                (
                    .invalid, "metadata.name: Required value",
                    { _ = try await api.create(.configMaps, namespace: "default", ["data": [:]]) }
                ),
                (
                    .invalid, "a label's value must be at most 63",
                    {
                        let labels: JSONValue = ["x": .string(String(repeating: "v", count: 64))]
                        _ = try await api.create(
                            .configMaps,
                            namespace: "default",
                            cluster.configMap("b", labels: labels)
                        )
                    }
                ),
                (
                    .badRequest, "cannot be handled as a ConfigMap",
                    {
                        _ = try await api.create(
                            .configMaps,
                            namespace: "default",
                            ["kind": "Secret", "metadata": ["name": "x"]]
                        )
                    }
                ),
                (
                    .badRequest, "data.k: must be a string",
                    { _ = try await api.create(.configMaps, namespace: "default", cluster.configMap("b", ["k": 1])) }
                ),
                (
                    .notFound, "could not find the requested resource",
                    {
                        let other = APIResource(group: "nope", plural: "things", kind: "Thing")
                        _ = try await api.list(other)
                    }
                ),
            ]
            for (code, text, body) in cases {
                let error = await failure(body)
                #expect(error?.code == code, "\(text): \(String(describing: error))")
                #expect(error?.message.contains(text) == true, "\(error?.message ?? "no error")")
            }
        }
    }

    @Test func `get a name of their own from a prefix`() async throws {
        try await ClusterFixture.with { cluster in
            var names: Set<String> = []
            for _ in 0..<20 {
                let object = try await cluster.api.create(
                    .configMaps,
                    namespace: "default",
                    ["metadata": ["generateName": "run-"]]
                )
                let name = object[path: "metadata", "name"]?.stringValue ?? ""
                #expect(name.hasPrefix("run-") && name.count == 9)
                names.insert(name)
            }
            #expect(names.count == 20)
        }
    }

    @Test func `of a custom kind are completed, pruned and checked`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            let created = try await api.create(
                ClusterFixture.widgets,
                namespace: "default",
                cluster.widget("w", ["color": "red", "parts": [["id": "a"]], "free": ["x": 1], "stray": 1])
            )
            #expect(
                created["spec"] == ["color": "red", "size": 3, "parts": [["id": "a", "num": 1]], "free": ["x": 1]]
            )
            #expect(created[path: "metadata", "generation"] == 1)
            #expect(created["status"] == nil)
            let cases: [(JSONValue, String)] = [
                ([:], "spec.color: Required value"),
                (["color": "blue"], "spec.color: Unsupported value: \"blue\": supported values: \"red\", \"green\""),
                (["color": 1], "spec.color in body must be of type string: \"integer\""),
                (["color": "red", "size": 0], "spec.size in body should be greater than or equal to 1"),
                (["color": "red", "name": "Abc"], "spec.name in body should match '^[a-z]+$'"),
                (["color": "red", "name": "a"], "spec.name in body should be at least 2 chars long"),
                (["color": "red", "name": "abcdef"], "spec.name: Too long"),
                (["color": "red", "tags": ["a", "a"]], "spec.tags[1]: Duplicate value: \"a\""),
                (["color": "red", "tags": ["a", "b", "c"]], "spec.tags: Too many: 3"),
                (["color": "red", "parts": [["id": "a"], ["id": "a"]]], "spec.parts[1]: Duplicate value"),
                (["color": "red", "labels": ["a": 1]], "spec.labels.a in body must be of type string"),
                (["color": "red", "when": "today"], "spec.when in body must be of type date-time"),
                (["color": "red", "size": 5, "limit": 5], "too big"),
            ]
            for (spec, text) in cases {
                let error = await failure {
                    _ = try await api.create(ClusterFixture.widgets, namespace: "default", cluster.widget("x", spec))
                }
                #expect(error?.code == .invalid)
                #expect(error?.message.contains(text) == true, "\(error?.message ?? "no error")")
            }
            let unknown = await failure {
                _ = try await api.object(
                    APIRequest(
                        .post,
                        ClusterFixture.widgets.path(namespace: "default"),
                        query: [("fieldValidation", "Strict")],
                        body: cluster.widget("x", ["color": "red", "stray": 1]).serialized()
                    )
                )
            }
            #expect(
                unknown?.message
                    == "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: unknown field \"spec.stray\""
            )
        }
    }

    @Test func `have a status that is written on its own`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            let widgets = ClusterFixture.widgets
            _ = try await api.create(widgets, namespace: "default", cluster.widget("w"))
            let ignored = try await api.patch(
                widgets,
                namespace: "default",
                name: "w",
                .merge(["status": ["x": 1], "spec": ["size": 7]])
            )
            #expect(ignored["status"] == nil)
            #expect(ignored[path: "metadata", "generation"] == 2)
            let written = try await api.patch(
                widgets,
                namespace: "default",
                name: "w",
                subresource: "status",
                .merge(["status": ["x": 1], "spec": ["size": 9], "metadata": ["labels": ["a": "b"]]])
            )
            #expect(written["status"] == ["x": 1])
            #expect(written[path: "spec", "size"] == 7)
            #expect(written[path: "metadata", "labels"] == nil)
            #expect(written[path: "metadata", "generation"] == 2)
        }
    }

    @Test func `stay while finalizers hold them`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            let widgets = ClusterFixture.widgets
            var widget = cluster.widget("w")
            widget[path: "metadata", "finalizers"] = ["example.com/hold"]
            _ = try await api.create(widgets, namespace: "default", widget)
            let marked = try await api.delete(widgets, namespace: "default", name: "w")
            #expect(marked[path: "metadata", "deletionTimestamp"] != nil)
            #expect(try await api.get(widgets, namespace: "default", name: "w")["kind"] == "Widget")
            _ = try await api.patch(
                widgets,
                namespace: "default",
                name: "w",
                .merge(["metadata": ["finalizers": nil]])
            )
            let gone = await failure { _ = try await api.get(widgets, namespace: "default", name: "w") }
            #expect(gone?.code == .notFound)
        }
    }

    @Test func `go with their owners and with their namespace`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            _ = try await api.create(.namespaces, ["metadata": ["name": "team"]])
            let owner = try await api.create(.configMaps, namespace: "team", cluster.configMap("owner"))
            var child = cluster.configMap("child")
            child[path: "metadata", "ownerReferences"] = [
                [
                    "apiVersion": "v1", "kind": "ConfigMap", "name": "owner",
                    "uid": owner[path: "metadata", "uid"] ?? "",
                ]
            ]
            _ = try await api.create(.configMaps, namespace: "team", child)
            let version = try await api.list(.configMaps, namespace: "team").resourceVersion
            try await api.delete(.configMaps, namespace: "team", name: "owner")
            try await cluster.waitForDeletion(of: "child", in: .configMaps, namespace: "team", from: version)

            _ = try await api.create(ClusterFixture.widgets, namespace: "team", cluster.widget("w"))
            let namespaces = try await api.list(.namespaces).resourceVersion
            let marked = try await api.delete(.namespaces, name: "team")
            #expect(marked[path: "status", "phase"] == "Terminating")
            try await cluster.waitForDeletion(of: "team", in: .namespaces, namespace: nil, from: namespaces)
            #expect(try await api.list(ClusterFixture.widgets).items.isEmpty)
            let refused = await failure {
                _ = try await api.create(.configMaps, namespace: "team", cluster.configMap("late"))
            }
            #expect(refused?.code == .notFound)
        }
    }

    @Test func `survive that many write to one of them at once`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            _ = try await api.create(.configMaps, namespace: "default", cluster.configMap("count", ["n": "0"]))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        var done = 0
                        while done < 10 {
                            var object = try await api.get(.configMaps, namespace: "default", name: "count")
                            let number = Int(object[path: "data", "n"]?.stringValue ?? "") ?? -1
                            object[path: "data", "n"] = .string(String(number + 1))
                            do {
                                _ = try await api.replace(.configMaps, namespace: "default", name: "count", object)
                                done += 1
                            } catch let error as KubernetesError where error.code == .conflict {
                                continue
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let object = try await api.get(.configMaps, namespace: "default", name: "count")
            #expect(object[path: "data", "n"] == "80")
        }
    }

    @Test func `are there again after a restart, on the same port and with the same credentials`() async throws {
        try await ScopedDirectory.with { directory in
            let (address, version) = try await ClusterFixture.running(in: directory) { cluster in
                let object = try await cluster.api.create(
                    .configMaps,
                    namespace: "default",
                    cluster.configMap("a", ["k": "v"])
                )
                return (cluster.access.address, object[path: "metadata", "resourceVersion"]?.stringValue ?? "")
            }
            let kubeconfig = try directory.read("data/kubeconfig")
            try await ClusterFixture.running(in: directory) { cluster in
                #expect(cluster.access.address == address)
                #expect(try directory.read("data/kubeconfig") == kubeconfig)
                let object = try await cluster.api.get(.configMaps, namespace: "default", name: "a")
                #expect(object["data"] == ["k": "v"])
                let next = try await cluster.api.create(.configMaps, namespace: "default", cluster.configMap("b"))
                let versions = [version, next[path: "metadata", "resourceVersion"]?.stringValue ?? ""]
                    .compactMap(UInt64.init)
                #expect(versions[0] < versions[1])
            }
        }
    }
}

extension ClusterFixture {
    /// Waits until the watch of a collection tells of a deletion.
    func waitForDeletion(
        of name: String,
        in resource: APIResource,
        namespace: String?,
        from version: String
    ) async throws {
        struct Found: Error {}
        do {
            try await api.watch(resource, namespace: namespace, from: version) { event in
                if case .deleted(let object) = event, object[path: "metadata", "name"]?.stringValue == name {
                    throw Found()
                }
            }
        } catch is Found {
            return
        }
    }
}
