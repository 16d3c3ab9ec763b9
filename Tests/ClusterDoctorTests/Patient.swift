import ControlPlane
import KargoCore
import KubernetesClient
import Synchronization
import Testing

@testable import ClusterDoctor

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A cluster that lacks nothing until a test takes something away; it answers what it is told to answer.
final class Patient: KubernetesAPI {
    private struct State {
        var answers: [String: APIResponse] = [:]
        var isUnreachableFrom: String?
        var questions: [JSONValue] = []
    }

    static let deployment = "/apis/apps/v1/namespaces/kargo/deployments/kargo-controller"
    static let policy = "/api/v1/namespaces/kargo/configmaps/kargo-pod-policy"
    static let configMaps = "/api/v1/configmaps"
    static let projects = "/apis/kargo.akuity.io/v1alpha1/projects"
    static let leases = "/apis/coordination.k8s.io/v1/namespaces/kargo/leases"
    static let root = (0..<3).reduce(URL(filePath: #filePath)) { url, _ in url.deletingLastPathComponent() }

    private let state = Mutex(State())
    private let allows: @Sendable (JSONValue) -> Bool

    /// Makes a cluster.
    ///
    /// - Parameter allows: What is answered to an access review of this `spec`.
    /// - Throws: What keeps the files of this project from being read.
    init(allows: @escaping @Sendable (JSONValue) -> Bool = { _ in true }) throws {
        self.allows = allows
        put(["gitVersion": "v1.31.2"], at: "/version")
        for definition in try KargoDefinitions.customResourceDefinitions {
            var definition = definition
            definition["status"] = ["conditions": [["type": "Established", "status": "True"]]]
            let name = try #require(definition[path: "metadata", "name"]?.stringValue)
            put(definition, at: Self.definition(name))
        }
        var deployment = try #require(try Self.documents("extended/deploy/deployment.yaml").first)
        deployment["status"] = ["availableReplicas": 1]
        put(deployment, at: Self.deployment)
        put(["data": ["policy.yaml": .string(try Self.text("extended/deploy/pod-policy.yaml"))]], at: Self.policy)
        put(["items": [["metadata": ["name": "demo"]]]], at: Self.projects)
        put(["items": []], at: Self.configMaps)
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func documents(_ path: String) throws -> [JSONValue] { try JSONValue.documents(inYAML: text(path)) }

    static func definition(_ name: String) -> String {
        "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/\(name)"
    }

    /// The specifications of the access reviews so far.
    var questions: [JSONValue] { state.withLock(\.questions) }

    func put(_ object: JSONValue, at path: String, status: Int = 200) {
        state.withLock { $0.answers[path] = APIResponse(status: status, body: object.serialized()) }
    }

    func remove(_ path: String) { state.withLock { $0.answers[path] = nil } }

    func change(_ path: String, _ body: (inout JSONValue) -> Void) throws {
        let answer = try #require(state.withLock { $0.answers[path] })
        var object = try JSONValue(parsing: answer.body)
        body(&object)
        put(object, at: path)
    }

    /// Answers to requests of a path as to somebody who may not.
    func forbid(_ path: String) {
        put(["reason": "Forbidden", "message": .string("\(path) is forbidden")], at: path, status: 403)
    }

    /// Breaks the connection at requests of a path.
    func vanish(at path: String) { state.withLock { $0.isUnreachableFrom = path } }

    func send(_ request: APIRequest) async throws -> APIResponse {
        let body = try request.body.map { try JSONValue(parsing: $0) } ?? .null
        return try state.withLock { state in
            if state.isUnreachableFrom == request.path { throw KubernetesError(.unreachable, "connection refused") }
            if let answer = state.answers[request.path] { return answer }
            if request.method == .post, request.path.hasPrefix("/apis/authorization.k8s.io/v1/") {
                let spec = body["spec"] ?? .null
                state.questions.append(spec)
                var answer = body
                answer["status"] = ["allowed": .bool(allows(spec))]
                return APIResponse(status: 201, body: answer.serialized())
            }
            let status: JSONValue = ["reason": "NotFound", "message": .string("\(request.path) not found")]
            return APIResponse(status: 404, body: status.serialized())
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        throw KubernetesError(.badRequest, "nothing is streamed")
    }
}

extension Finding {
    /// The state, the object and the field, of which the remedy is left out.
    var summary: String { "\(state.rawValue) \(object)\(field.isEmpty ? "" : " \(field)")" }
}
