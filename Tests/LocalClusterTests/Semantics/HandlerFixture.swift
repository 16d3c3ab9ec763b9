import KargoCore
import KargoTestSupport
import KubernetesClient
import Logging
import Synchronization
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The API of a cluster in this process, without a connection and without a node.
struct HandlerFixture: Sendable {
    let handler: APIHandler
    /// The time that the cluster believes it to be.
    let time: MovableTime
    /// Where its objects are.
    let database: String

    /// What was answered.
    struct Answer: Sendable {
        var status: Int
        var object: JSONValue
        var warnings: [String] = []

        var message: String { object["message"]?.stringValue ?? "" }
        var version: String { object[path: "metadata", "resourceVersion"]?.stringValue ?? "" }
        var uid: String { object[path: "metadata", "uid"]?.stringValue ?? "" }
        /// The names of the objects of a list.
        var names: [String] {
            object["items"]?.arrayValue?.compactMap { $0[path: "metadata", "name"]?.stringValue } ?? []
        }
    }

    /// Runs a cluster with the namespaces `default` and `team` and the kind Widget for the time of a test.
    static func with(
        eventCapacity: Int = 10_000,
        cleansUp: Bool = true,
        furnishes: Bool = false,
        _ body: @Sendable (HandlerFixture) async throws -> Void
    ) async throws {
        try await ScopedDirectory.with { directory in
            let database = directory.file("cluster.db")
            let store = try ClusterStore(
                database: ObjectDatabase(path: database),
                eventCapacity: eventCapacity
            )
            let time = MovableTime()
            let handler = APIHandler(
                store: store,
                catalog: ResourceCatalog(rules: ClusterFixture.rules),
                reviewer: nil,
                logs: nil,
                authenticator: Authenticator(
                    callers: [Digest.sha256("sesame".utf8): "admin"],
                    key: Array("key".utf8),
                    store: store,
                    now: { time.value }
                ),
                now: { time.value },
                logger: Logger(label: "cluster") { _ in SwiftLogNoOpLogHandler() }
            )
            let fixture = HandlerFixture(handler: handler, time: time, database: database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await store.run() }
                if cleansUp {
                    group.addTask {
                        let contents = NamespaceContents(handler: handler) { Array("PEM".utf8) }
                        await Cleanup(handler: handler, contents: furnishes ? contents : nil).run()
                    }
                }
                for name in ["default", "team"] {
                    try await fixture.create("/api/v1/namespaces", ["metadata": ["name": .string(name)]])
                }
                try await fixture.create(
                    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                    JSONValue(yaml: ClusterFixture.crd)
                )
                try await body(fixture)
                group.cancelAll()
            }
        }
    }

    // MARK: Requests

    func call(
        _ method: String,
        _ target: String,
        _ body: [UInt8] = [],
        contentType: String = "application/json",
        accept: String = "application/json"
    ) -> APICall {
        let (path, query) = RequestTarget.split(target)
        return APICall(
            method: method,
            path: path,
            query: query,
            accept: accept,
            contentType: contentType,
            ifNoneMatch: nil,
            body: body,
            caller: Caller(username: "tester")
        )
    }

    func send(
        _ method: String,
        _ target: String,
        _ body: JSONValue? = nil,
        contentType: String = "application/json",
        accept: String = "application/json"
    ) async throws -> Answer {
        try await send(call(method, target, body?.serialized() ?? [], contentType: contentType, accept: accept))
    }

    func send(_ call: APICall) async throws -> Answer {
        let answer = await handler.answer(call)
        guard case .whole(let bytes) = answer.body else {
            Issue.record("\(call.path) answered a stream")
            return Answer(status: answer.status, object: .null)
        }
        return Answer(
            status: answer.status,
            object: try JSONValue(parsing: bytes),
            warnings: answer.headers.filter { $0.name == "warning" }.map(\.value)
        )
    }

    @discardableResult
    func create(_ path: String, _ object: JSONValue) async throws -> Answer {
        let answer = try await send("POST", path, object)
        #expect(answer.status == 201, "\(answer.message)")
        return answer
    }

    func get(_ target: String) async throws -> Answer { try await send("GET", target) }

    @discardableResult
    func merge(_ target: String, _ patch: JSONValue) async throws -> Answer {
        try await send("PATCH", target, patch, contentType: "application/merge-patch+json")
    }

    /// Creates a ConfigMap of the namespace `default`.
    @discardableResult
    func createConfigMap(
        _ name: String,
        labels: JSONValue = [:],
        owners: [Answer] = [],
        blocking: Bool = false
    ) async throws -> Answer {
        var metadata: JSONValue = ["name": .string(name), "labels": labels]
        metadata["ownerReferences"] =
            owners.isEmpty ? nil : .array(owners.map { reference(to: $0, blocking: blocking) })
        return try await create(Self.configMaps, ["metadata": metadata])
    }

    func reference(to owner: Answer, blocking: Bool = false) -> JSONValue {
        [
            "apiVersion": "v1", "kind": "ConfigMap", "name": owner.object[path: "metadata", "name"] ?? "",
            "uid": .string(owner.uid), "blockOwnerDeletion": .bool(blocking),
        ]
    }

    static let configMaps = "/api/v1/namespaces/default/configmaps"
    static let widgets = "/apis/example.com/v1/namespaces/default/widgets"

    // MARK: Watches

    /// Watches until an event is the wanted one, and returns all up to it.
    @discardableResult
    func watch(
        _ target: String,
        accept: String = "application/json",
        until isWanted: (JSONValue) -> Bool
    ) async throws -> [JSONValue] {
        struct Done: Error {}
        guard case .stream(let produce) = await handler.answer(call("GET", target, accept: accept)).body else {
            Issue.record("\(target) is no watch")
            return []
        }
        var events: [JSONValue] = []
        do {
            try await produce { bytes in
                for line in bytes.split(separator: 0x0A) {
                    let event = try JSONValue(parsing: Array(line))
                    events.append(event)
                    if isWanted(event) { throw Done() }
                }
            }
        } catch is Done {}
        return events
    }

    /// Waits until an object of the namespace `default` is gone.
    func waitForEnd(_ collection: String, _ name: String, since version: String) async throws {
        try await watch("\(collection)?watch=true&resourceVersion=\(version)&fieldSelector=metadata.name=\(name)") {
            $0["type"] == "DELETED"
        }
    }
}

/// A moment that tests move.
final class MovableTime: Sendable {
    private let moment = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var value: Date { moment.withLock { $0 } }

    func advance(by seconds: Double) { moment.withLock { $0.addTimeInterval(seconds) } }
}
