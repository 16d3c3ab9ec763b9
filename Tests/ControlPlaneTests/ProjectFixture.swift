import ControlPlane
import KargoCore
import KubernetesClient
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The Project `demo` as a server has it, and admission in front of it.
final class ProjectFixture: KubernetesAPI {
    /// 2026-03-04T05:06:07Z.
    static let moment = Date(timeIntervalSince1970: 1_772_600_767)

    private let objects: Mutex<[String: JSONValue]>

    /// Makes a Project with these objects in it, in YAML.
    convenience init(_ objects: (APIResource, String)...) throws { try self.init(objects) }

    /// Makes a Project with these objects in it, in YAML.
    init(_ objects: [(APIResource, String)]) throws {
        var stored: [String: JSONValue] = [:]
        let project = (
            APIResource.namespaces, "{metadata: {name: demo, labels: {kargo.akuity.io/project: 'true'}}}"
        )
        for (resource, text) in [project] + objects {
            let value = try JSONValue(yaml: text)
            stored[Self.path(resource, value)] = value
        }
        self.objects = Mutex(stored)
    }

    private static func path(_ resource: APIResource, _ value: JSONValue) -> String {
        resource.path(
            namespace: value[path: "metadata", "namespace"]?.stringValue,
            name: value[path: "metadata", "name"]?.stringValue
        )
    }

    /// The object of a path.
    subscript(path: String) -> JSONValue? { objects.withLock { $0[path] } }

    /// Lets admission judge a write; the objects are in YAML.
    func review(
        _ operation: AdmissionRequest.Operation,
        _ resource: APIResource,
        _ object: String,
        old: String? = nil,
        by username: String = "alice",
        isDryRun: Bool = false
    ) async throws -> JSONValue {
        let admission = KargoAdmission(
            api: self,
            identifiers: ULIDGenerator { Self.moment },
            now: { Self.moment },
            isControlPlane: { $0 == "kargo" }
        )
        return try await admission.review(
            AdmissionRequest(
                operation: operation,
                resource: resource,
                object: try JSONValue(yaml: object),
                oldObject: try old.map { try JSONValue(yaml: $0) },
                username: username,
                isDryRun: isDryRun
            )
        )
    }

    /// The refusal of a write.
    func refusal(
        _ operation: AdmissionRequest.Operation,
        _ resource: APIResource,
        _ object: String,
        old: String? = nil
    ) async throws -> KubernetesError {
        try await #require(throws: KubernetesError.self) {
            try await review(operation, resource, object, old: old)
        }
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        switch request.method {
        case .get:
            if let object = self[request.path] { return answer(200, object) }
            let selector = request.query.first { $0.name == "labelSelector" }?.value
            let items =
                objects.withLock { objects in
                    objects.filter { $0.key.hasPrefix("\(request.path)/") }.sorted { $0.key < $1.key }.map(\.value)
                }
                .filter { Self.isSelected($0, by: selector) }
            let kinds = ["freights", "namespaces", "secrets", "stages"]
            guard kinds.contains(String(request.path.split(separator: "/").last ?? "")) else {
                return answer(404, ["message": .string("\(request.path) not found")])
            }
            return answer(200, ["metadata": ["resourceVersion": "1"], "items": .array(items)])
        case .post:
            let value = try JSONValue(parsing: request.body ?? [])
            let path = "\(request.path)/\(value[path: "metadata", "name"]?.stringValue ?? "")"
            guard self[path] == nil else { return answer(409, ["reason": "AlreadyExists"]) }
            objects.withLock { $0[path] = value }
            return answer(201, value)
        case .put, .patch, .delete: return answer(405, [:])
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        throw KubernetesError(.badRequest, "admission watches nothing")
    }

    private static func isSelected(_ object: JSONValue, by selector: String?) -> Bool {
        guard let parts = selector?.split(separator: "="), parts.count == 2 else { return true }
        return object[path: "metadata", "labels", String(parts[0])]?.stringValue == String(parts[1])
    }

    private func answer(_ status: Int, _ value: JSONValue) -> APIResponse {
        APIResponse(status: status, body: value.serialized())
    }
}
