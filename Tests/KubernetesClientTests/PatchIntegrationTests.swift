import KargoCore
import KubernetesClient
import Testing

@Suite("Patches", .tags(.integration))
struct PatchIntegrationTests {
    private static let quick = Backoff(first: .milliseconds(1), longest: .milliseconds(5))

    @Test func `of all kinds change an object`() async throws {
        try await LocalAPI.with { api in
            _ = try await api.create(
                .configMaps,
                namespace: "default",
                ["metadata": ["name": "m"], "data": ["a": "1"]]
            )
            func patch(_ patch: ObjectPatch) async throws -> JSONValue? {
                try await api.patch(.configMaps, namespace: "default", name: "m", patch)["data"]
            }
            #expect(try await patch(.merge(["data": ["b": "2"]])) == ["a": "1", "b": "2"])
            #expect(try await patch(.json([["op": "remove", "path": "/data/a"]])) == ["b": "2"])
            let applied: JSONValue = [
                "apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "m"], "data": ["c": "3"],
            ]
            #expect(try await patch(.apply(applied, manager: "one")) == ["b": "2", "c": "3"])
            let other = applied.applying(mergePatch: ["data": ["c": "4"]])
            let conflict = await #expect(throws: KubernetesError.self) {
                _ = try await patch(.apply(other, manager: "two"))
            }
            #expect(conflict?.code == .conflict)
            #expect(try await patch(.apply(other, manager: "two", force: true)) == ["b": "2", "c": "4"])
        }
    }

    @Test func `lose nothing when many write at once`() async throws {
        try await LocalAPI.with { api in
            _ = try await api.create(
                .configMaps,
                namespace: "default",
                ["metadata": ["name": "m"], "data": ["n": "0"]]
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        for _ in 0..<5 {
                            _ = try await api.modify(
                                .configMaps,
                                namespace: "default",
                                name: "m",
                                attempts: 100,
                                backoff: Self.quick
                            ) { object in
                                let count = object[path: "data", "n"]?.stringValue.flatMap(Int.init) ?? 0
                                object[path: "data", "n"] = .string("\(count + 1)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let object = try await api.get(.configMaps, namespace: "default", name: "m")
            #expect(object[path: "data", "n"] == "20")
        }
    }

    @Test func `of a status leave the rest alone, and write nothing when nothing changes`() async throws {
        try await LocalAPI.with { api in
            let pod: JSONValue = ["metadata": ["name": "p"], "spec": ["containers": [["name": "c", "image": "i"]]]]
            _ = try await api.create(.pods, namespace: "default", pod)
            let changed = try await api.modifyStatus(.pods, namespace: "default", name: "p") {
                $0["message"] = "busy"
            }
            #expect(changed[path: "status", "message"] == "busy")
            let same = try await api.modifyStatus(.pods, namespace: "default", name: "p") { $0["message"] = "busy" }
            let version = { (object: JSONValue) in object[path: "metadata", "resourceVersion"] }
            #expect(version(same) == version(changed))
        }
    }
}
