import KargoCore
import Testing

@testable import LocalCluster

@Suite("Watches", .timeLimit(.minutes(1)))
struct WatchTests {
    private static let path = HandlerFixture.configMaps

    private func summary(_ events: [JSONValue]) -> [String] {
        events.map { event in
            let name = event[path: "object", "metadata", "name"]?.stringValue ?? ""
            return "\(event["type"]?.stringValue ?? "") \(name)"
        }
    }

    private func isEvent(_ type: String, _ name: String) -> (JSONValue) -> Bool {
        { $0["type"] == .string(type) && $0[path: "object", "metadata", "name"] == .string(name) }
    }

    @Test func `begin after any version that is kept`() async throws {
        try await HandlerFixture.with { cluster in
            var versions = [try await cluster.get(Self.path).version]
            for name in ["a", "b", "c"] { versions.append(try await cluster.createConfigMap(name).version) }
            for (index, version) in versions.dropLast().enumerated() {
                let events = try await cluster.watch(
                    "\(Self.path)?watch=true&resourceVersion=\(version)",
                    until: isEvent("ADDED", "c")
                )
                #expect(summary(events) == Array(["ADDED a", "ADDED b", "ADDED c"].dropFirst(index)))
            }
        }
    }

    @Test(arguments: ["", "&resourceVersion=0"])
    func `without a version begin with what is there`(query: String) async throws {
        try await HandlerFixture.with { cluster in
            for name in ["a", "b"] { try await cluster.createConfigMap(name) }
            try await cluster.merge("\(Self.path)/a", ["data": ["k": "v"]])
            let events = try await cluster.watch("\(Self.path)?watch=1\(query)", until: isEvent("ADDED", "b"))
            #expect(summary(events) == ["ADDED a", "ADDED b"])
        }
    }

    @Test func `tell the end of what is there with a bookmark`() async throws {
        try await HandlerFixture.with { cluster in
            try await cluster.createConfigMap("a")
            let query = "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
            let events = try await cluster.watch("\(Self.path)?\(query)") { $0["type"] == "BOOKMARK" }
            #expect(summary(events) == ["ADDED a", "BOOKMARK "])
            let metadata = events.last?[path: "object", "metadata"]
            #expect(metadata?[path: "annotations", "k8s.io/initial-events-end"] == "true")
            #expect(metadata?["resourceVersion"]?.stringValue == String(cluster.handler.store.version))
        }
    }

    @Test func `carry the newest version of all kinds in bookmarks, the last one at their end`() async throws {
        try await HandlerFixture.with { cluster in
            let version = try await cluster.get(Self.path).version
            let other = try await cluster.create(
                HandlerFixture.widgets,
                ["metadata": ["name": "w"], "spec": ["color": "red"]]
            )
            let events = try await cluster.watch(
                "\(Self.path)?watch=true&allowWatchBookmarks=true&timeoutSeconds=1&resourceVersion=\(version)"
            ) { _ in false }
            #expect(summary(events) == ["BOOKMARK "])
            #expect(events.first?[path: "object", "metadata", "resourceVersion"]?.stringValue == other.version)
            #expect(events.first?[path: "object", "kind"] == "ConfigMap")
        }
    }

    @Test func `of a version that is forgotten or has not come end with an error`() async throws {
        try await HandlerFixture.with(eventCapacity: 2) { cluster in
            let version = try await cluster.get(Self.path).version
            for name in ["a", "b", "c"] { try await cluster.createConfigMap(name) }
            for (start, code) in [(version, 410), ("999999", 504)] {
                let events = try await cluster.watch("\(Self.path)?watch=true&resourceVersion=\(start)") { _ in false }
                #expect(events.count == 1 && events.first?["type"] == "ERROR")
                #expect(events.first?[path: "object", "code"] == .int(Int64(code)))
            }
        }
    }

    @Test func `that are slow hold up nobody and end with 410`() async throws {
        try await HandlerFixture.with(eventCapacity: 10) { cluster in
            let version = try await cluster.get(Self.path).version
            try await cluster.createConfigMap("first")
            let answer = await cluster.handler.answer(
                cluster.call("GET", "\(Self.path)?watch=true&resourceVersion=\(version)")
            )
            guard case .stream(let produce) = answer.body else {
                Issue.record("no watch")
                return
            }
            var events: [JSONValue] = []
            try await produce { bytes in
                for line in bytes.split(separator: 0x0A) { events.append(try JSONValue(parsing: Array(line))) }
                guard events.count == 1 else { return }
                // All of this goes on while the watch is stuck in its first event.
                for index in 0..<30 { try await cluster.createConfigMap("c\(index)") }
            }
            #expect(summary(events) == ["ADDED first", "ERROR "])
            #expect(events.last?[path: "object", "code"] == 410)
        }
    }

    @Test func `end when their kind is gone`() async throws {
        try await HandlerFixture.with { cluster in
            let version =
                try await cluster.create(
                    HandlerFixture.widgets,
                    ["metadata": ["name": "w"], "spec": ["color": "red"]]
                )
                .version
            let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"
            let marked = try await cluster.send("DELETE", path)
            #expect(marked.object["kind"] == "CustomResourceDefinition")
            let events = try await cluster.watch("\(HandlerFixture.widgets)?watch=true&resourceVersion=\(version)") {
                _ in
                false
            }
            #expect(summary(events) == ["DELETED w"])
            #expect(try await cluster.get(HandlerFixture.widgets).status == 404)
            #expect(try await cluster.get(path).status == 404)
        }
    }
}
