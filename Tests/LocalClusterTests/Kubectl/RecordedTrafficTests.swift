import ControlPlane
import KargoCore
import KargoTestSupport
import KubernetesClient
import Logging
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The record.
private enum Recording {
    static let lines: [JSONValue]? = {
        let file = "/../shared/golden/kubernetes/kubectl-traffic.jsonl"
        let repository = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        guard let data = FileManager.default.contents(atPath: "/" + repository + file) else { return nil }
        return data.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(parsing: Array($0)) }
    }()
}

/// What kubectl once asked a Kubernetes API server, asked again here, where the record is at hand.
@Suite(.enabled(if: Recording.lines != nil))
struct RecordedTrafficTests {
    private struct Logs: PodLogs {
        func check(_ pod: Pod, container: String, options: LogOptions) async throws {}
        func logs(
            of pod: Pod,
            container: String,
            options: LogOptions,
            write: ([UInt8]) async throws -> Void
        ) async throws { try await write(Array("hi\n".utf8)) }
    }

    @Test func `the answers have the same status, type and shape`() async throws {
        try await ScopedDirectory.with { directory in
            let store = try ClusterStore(database: ObjectDatabase(path: directory.file("cluster.db")))
            let handler = APIHandler(
                store: store,
                catalog: ResourceCatalog(rules: KargoDefinitions.validationRules),
                reviewer: nil,
                logs: Logs(),
                authenticator: Authenticator(callers: [:], key: [1], store: store, now: { Date() }),
                now: { Date() },
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await store.run() }
                try await prepare(handler)
                var replay = Replay(handler: handler)
                for line in Recording.lines ?? [] { try await replay.check(line) }
                #expect(replay.count > 60)
                group.cancelAll()
            }
        }
    }

    private func prepare(_ handler: APIHandler) async throws {
        let api = InProcessAPI(handler: handler, username: "test")
        for name in ["default", "trace"] {
            let call = "/api/v1/namespaces?fieldManager=kubectl-create"
            let body: JSONValue = ["metadata": ["name": .string(name)]]
            let (path, query) = RequestTarget.split(call)
            let answer = await handler.answer(
                APICall(
                    method: "POST",
                    path: path,
                    query: query,
                    accept: "",
                    contentType: "application/json",
                    body: body.serialized(),
                    caller: Caller(username: "test")
                )
            )
            #expect(answer.status == 201)
        }
        let definitions = APIResource(
            group: "apiextensions.k8s.io",
            plural: "customresourcedefinitions",
            kind: "CustomResourceDefinition",
            isNamespaced: false
        )
        for crd in try KargoDefinitions.customResourceDefinitions { _ = try await api.create(definitions, crd) }
        _ = try await api.create(
            .pods,
            namespace: "default",
            ["metadata": ["name": "t1"], "spec": ["containers": [["name": "a", "image": "x"]]]]
        )
    }
}

/// Asks again what was asked once, with the versions and tags of here.
private struct Replay {
    let handler: APIHandler
    private(set) var count = 0
    private var versions: [String: String] = [:]

    init(handler: APIHandler) { self.handler = handler }

    mutating func check(_ line: JSONValue) async throws {
        func text(_ key: String) -> String { line[key]?.stringValue ?? "" }
        let (path, query) = RequestTarget.split(text("path"))
        let title = Comment(rawValue: "\(text("cmd")): \(text("method")) \(text("path"))")
        var call = APICall(
            method: text("method"),
            path: path,
            query: query,
            accept: text("accept"),
            contentType: text("contentType"),
            body: Array(translated(text("body")).utf8),
            caller: Caller(username: "test"),
            userAgent: "kubectl/v1.32.4"
        )
        if let version = query["resourceVersion"], version != "0" {
            call.query["resourceVersion"] = versions[version] ?? "0"
        }
        if call.flag("watch") { call.query["timeoutSeconds"] = "1" }
        // The record does not say when kubectl asked for what is newer than what it had.
        if line["status"] == 304 {
            call.ifNoneMatch = await handler.answer(call).headers.first { $0.name == "etag" }?.value
        }
        let answer = await handler.answer(call)
        let isKnown = answer.status != 404 || handler.catalog.all.contains { path.contains($0.resource.plural) }
        // Not every kind is served.
        guard isKnown || line["status"] == 404 else { return }
        count += 1
        #expect(line["status"] == .int(Int64(answer.status)), title)
        let type = text("respType")
        // JSON is an answer to those as well who would rather have the other.
        if answer.status != 304 {
            #expect(answer.contentType == (type.contains("protobuf") ? "application/json" : type), title)
        }
        guard case .whole(let bytes) = answer.body, let theirs = try? JSONValue(parsing: Array(text("resp").utf8)),
            let ours = try? JSONValue(parsing: bytes)
        else { return }
        if let version = theirs[path: "metadata", "resourceVersion"]?.stringValue {
            versions[version] = ours[path: "metadata", "resourceVersion"]?.stringValue
        }
        guard path.hasPrefix("/api") else { return }
        // There, each namespace has a ConfigMap with the authority of the cluster.
        let elsewhere = ["ca.crt", "kubernetes.io/description", ".metadata.continue"]
        let difference = shape(of: theirs).symmetricDifference(shape(of: ours))
            .filter { place in !elsewhere.contains { place.contains($0) } }
        #expect(difference.isEmpty, title)
        #expect(theirs["message"] == ours["message"], title)
        #expect(theirs["reason"] == ours["reason"], title)
        let columns = theirs["columnDefinitions"]?.arrayValue?.map { $0["name"] }
        #expect(columns == ours["columnDefinitions"]?.arrayValue?.map { $0["name"] }, title)
    }

    private func translated(_ body: String) -> String {
        versions.reduce(body) { $0.replacing("\"\($1.key)\"", with: "\"\($1.value)\"") }
    }

    /// The paths in a value with the types that stand there; all elements of a list count as one.
    private func shape(of value: JSONValue, at path: String = "") -> Set<String> {
        switch value {
        case .object(let members):
            members.reduce(into: ["\(path): object"]) { shape, member in
                shape.formUnion(self.shape(of: member.value, at: "\(path).\(member.key)"))
            }
        case .array(let elements):
            elements.reduce(into: ["\(path): array"]) { $0.formUnion(shape(of: $1, at: "\(path)[]")) }
        default: ["\(path): \(value.typeName)"]
        }
    }
}
