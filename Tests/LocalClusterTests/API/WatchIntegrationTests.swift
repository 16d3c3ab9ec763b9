import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

@Suite("Watches of a local cluster")
struct WatchIntegrationTests {
    /// The first events of a watch, as `+name`, `~name`, `-name`.
    private func events(
        _ cluster: ClusterFixture,
        _ options: ListOptions = ListOptions(),
        from version: String,
        count: Int,
        while change: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> [String] {
        try await withThrowingTaskGroup(of: [String]?.self) { group in
            group.addTask {
                struct Done: Error {}
                var seen: [String] = []
                do {
                    try await cluster.api.watch(.configMaps, namespace: "default", options: options, from: version) {
                        event in
                        switch event {
                        case .added(let object): seen.append("+\(object[path: "metadata", "name"]?.stringValue ?? "")")
                        case .modified(let object):
                            seen.append("~\(object[path: "metadata", "name"]?.stringValue ?? "")")
                        case .deleted(let object):
                            seen.append("-\(object[path: "metadata", "name"]?.stringValue ?? "")")
                        case .bookmark: break
                        }
                        if seen.count == count { throw Done() }
                    }
                } catch is Done {}
                return seen
            }
            group.addTask {
                try await change()
                return nil
            }
            while let result = try await group.next() {
                if let result { return result }
            }
            return []
        }
    }

    @Test func `tell of what happens after their version, in order`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            _ = try await api.create(.configMaps, namespace: "default", cluster.configMap("before"))
            let version = try await api.list(.configMaps, namespace: "default").resourceVersion
            let change: @Sendable () async throws -> Void = {
                _ = try await api.create(.configMaps, namespace: "default", cluster.configMap("a"))
                _ = try await api.create(.configMaps, namespace: "kube-system", cluster.configMap("elsewhere"))
                _ = try await api.patch(.configMaps, namespace: "default", name: "a", .merge(["data": ["k": "v"]]))
                try await api.delete(.configMaps, namespace: "default", name: "a")
            }
            #expect(try await events(cluster, from: version, count: 3, while: change) == ["+a", "~a", "-a"])
            // The same again from the past.
            #expect(try await events(cluster, from: version, count: 3) == ["+a", "~a", "-a"])
            #expect(try await events(cluster, from: "0", count: 1) == ["+before"])
        }
    }

    @Test func `take what stops matching for gone`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            let version = try await api.list(.configMaps, namespace: "default").resourceVersion
            let options = ListOptions(labelSelector: "app in (web), !hidden", fieldSelector: "metadata.name=a")
            let seen = try await events(cluster, options, from: version, count: 4) {
                _ = try await api.create(
                    .configMaps,
                    namespace: "default",
                    cluster.configMap("a", labels: ["app": "web"])
                )
                _ = try await api.create(
                    .configMaps,
                    namespace: "default",
                    cluster.configMap("b", labels: ["app": "web"])
                )
                for labels in [["hidden": "yes"], ["hidden": nil], ["app": "db"]] as [JSONValue] {
                    _ = try await api.patch(
                        .configMaps,
                        namespace: "default",
                        name: "a",
                        .merge(["metadata": ["labels": labels]])
                    )
                }
            }
            #expect(seen == ["+a", "-a", "+a", "-a"])
        }
    }

    @Test func `end when the time is up`() async throws {
        try await ClusterFixture.with { cluster in
            let version = try await cluster.api.list(.configMaps).resourceVersion
            try await cluster.api.watch(.configMaps, from: version, timeout: .seconds(1)) { event in
                guard case .bookmark = event else {
                    Issue.record("nothing has happened")
                    return
                }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `of a client that does not read end with 410`() async throws {
        try await ClusterFixture.with { cluster in
            let api = cluster.api
            let version = try await api.list(.configMaps).resourceVersion
            let (reading, hasRead) = AsyncStream.makeStream(of: Void.self)
            let (writing, hasWritten) = AsyncStream.makeStream(of: Void.self)
            let error = try await withThrowingTaskGroup(of: KubernetesError?.self) { group in
                group.addTask {
                    await failure {
                        try await api.watch(.configMaps, namespace: "default", from: version) { _ in
                            hasRead.finish()
                            for await _ in writing {}
                        }
                    }
                }
                group.addTask {
                    // More than the cluster keeps, and than fits into connections.
                    let text = JSONValue.string(String(repeating: "x", count: 500_000))
                    for index in 0..<100 {
                        let object = cluster.configMap("c\(index)", ["text": text])
                        _ = try await api.create(.configMaps, namespace: "default", object)
                        if index == 0 { for await _ in reading {} }
                    }
                    hasWritten.finish()
                    return nil
                }
                return try await group.reduce(nil) { $0 ?? $1 }
            }
            #expect(error?.code == .expired)
        }
    }

    @Test func `are told when their version is forgotten`() async throws {
        try await ScopedDirectory.with { directory in
            let version = try await ClusterFixture.running(in: directory) { cluster in
                let version = try await cluster.api.list(.configMaps).resourceVersion
                _ = try await cluster.api.create(.configMaps, namespace: "default", cluster.configMap("a"))
                return version
            }
            try await ClusterFixture.running(in: directory) { cluster in
                let error = await failure {
                    try await cluster.api.watch(.configMaps, from: version) { _ in }
                }
                #expect(error?.code == .expired)
            }
        }
    }
}
