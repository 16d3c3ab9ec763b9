import KargoCore
import Testing

@testable import LocalCluster

@Suite("What every namespace has", .timeLimit(.minutes(1)))
struct NamespaceContentsTests {
    private func wait(_ cluster: HandlerFixture, _ collection: String, _ name: String) async throws {
        try await cluster.watch("\(collection)?watch=true&fieldSelector=metadata.name=\(name)") {
            $0["type"] == "ADDED"
        }
    }

    @Test func `comes with it, and again when it is deleted or changed`() async throws {
        try await HandlerFixture.with(furnishes: true) { cluster in
            try await cluster.create("/api/v1/namespaces", ["metadata": ["name": "new"]])
            let accounts = "/api/v1/namespaces/new/serviceaccounts"
            let maps = "/api/v1/namespaces/new/configmaps"
            let certificate: JSONValue = ["ca.crt": "PEM"]
            try await wait(cluster, accounts, "default")
            try await wait(cluster, maps, "kube-root-ca.crt")
            let first = try await cluster.get("\(maps)/kube-root-ca.crt")
            #expect(first.object["data"] == certificate)
            let changed = try await cluster.merge("\(maps)/kube-root-ca.crt", ["data": ["ca.crt": "no", "x": "y"]])
            try await cluster.watch("\(maps)?watch=true&resourceVersion=\(changed.version)") {
                $0[path: "object", "data"] == certificate
            }
            for (collection, name) in [(accounts, "default"), (maps, "kube-root-ca.crt")] {
                let old = try await cluster.get("\(collection)/\(name)")
                _ = try await cluster.send("DELETE", "\(collection)/\(name)")
                try await cluster.watch("\(collection)?watch=true&resourceVersion=\(old.version)") {
                    $0["type"] == "ADDED" && $0[path: "object", "metadata", "uid"]?.stringValue != old.uid
                }
            }
            // It does not keep its namespace from going.
            let end = try await cluster.send("DELETE", "/api/v1/namespaces/new")
            try await cluster.watch("/api/v1/namespaces?watch=true&resourceVersion=\(end.version)") {
                $0["type"] == "DELETED" && $0[path: "object", "metadata", "name"] == "new"
            }
            #expect(try await cluster.get(accounts).names.isEmpty)
        }
    }
}
