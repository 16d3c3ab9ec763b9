import KargoCore
import Testing

@testable import LocalCluster

@Suite("Evictions", .timeLimit(.minutes(1)))
struct EvictionTests {
    private static let pods = "/api/v1/namespaces/default/pods"

    private func with(_ body: @Sendable (HandlerFixture) async throws -> Void) async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.create(
                Self.pods,
                [
                    "metadata": ["name": "p"],
                    "spec": [
                        "terminationGracePeriodSeconds": 9, "containers": [["name": "c", "image": "busybox"]],
                    ],
                ]
            )
            try await body(cluster)
        }
    }

    private func evict(
        _ cluster: HandlerFixture,
        _ more: [String: JSONValue] = [:]
    ) async throws -> HandlerFixture.Answer {
        let eviction: [String: JSONValue] = [
            "apiVersion": "policy/v1", "kind": "Eviction", "metadata": ["name": "p", "namespace": "default"],
        ]
        return try await cluster.send("POST", "\(Self.pods)/p/eviction", .object(eviction.merging(more) { $1 }))
    }

    @Test func `delete Pods with their grace period`() async throws {
        try await with { cluster in
            let answer = try await evict(cluster)
            #expect(answer.status == 201 && answer.object["status"] == "Success", "\(answer.message)")
            let pod = try await cluster.get("\(Self.pods)/p").object
            #expect(pod[path: "metadata", "deletionGracePeriodSeconds"] == 9)
            let now = try await evict(cluster, ["deleteOptions": ["gracePeriodSeconds": 0]])
            #expect(now.status == 201)
            #expect(try await cluster.get("\(Self.pods)/p").status == 404)
            #expect(try await evict(cluster).status == 404)
        }
    }

    @Test(
        arguments: [
            (["deleteOptions": ["preconditions": ["uid": "x"]]], 409),
            (["deleteOptions": ["preconditions": ["resourceVersion": "1"]]], 409),
            (["deleteOptions": ["dryRun": ["All"]]], 201),
            (["deleteOptions": ["dryRun": ["All"], "preconditions": ["uid": "x"]]], 409),
            (["deleteOptions": ["gracePeriodSeconds": -1]], 400), (["metadata": ["name": "q"]], 400),
            (["apiVersion": "policy/v9"], 400),
        ] as [([String: JSONValue], Int)]
    )
    func `leave Pods alone where what was asked for does not hold`(more: [String: JSONValue], status: Int) async throws
    {
        try await with { cluster in
            let answer = try await evict(cluster, more)
            #expect(answer.status == status, "\(answer.message)")
            #expect(try await cluster.get("\(Self.pods)/p").object.isBeingDeleted == false)
        }
    }

    @Test func `and the other parts of objects are found by discovery`() async throws {
        try await HandlerFixture.with { cluster in
            let list = try await cluster.get("/api/v1").object["resources"]?.arrayValue ?? []
            let eviction = list.first { $0["name"] == "pods/eviction" }
            #expect(eviction?["group"] == "policy" && eviction?["version"] == "v1" && eviction?["kind"] == "Eviction")
            let names = Set(list.compactMap { $0["name"]?.stringValue })
            #expect(names.isSuperset(of: ["pods/log", "pods/status", "serviceaccounts/token", "namespaces/finalize"]))
        }
    }
}
