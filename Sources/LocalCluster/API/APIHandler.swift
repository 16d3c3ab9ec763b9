import KargoCore
import KubernetesClient
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Answers the requests of the Kubernetes API.
///
/// It knows nothing of HTTP connections: a server hands it calls, and so does a client in the same process.
struct APIHandler: Sendable {
    let store: ClusterStore
    let catalog: ResourceCatalog
    let reviewer: (any AdmissionReviewer)?
    let logs: (any PodLogs)?
    let authenticator: Authenticator
    let now: @Sendable () -> Date
    let logger: Logger

    /// Answers a call; a refusal is an answer too.
    func answer(_ call: APICall) async -> APIAnswer {
        do {
            return try await route(call)
        } catch let failure as APIFailure {
            return .failure(failure)
        } catch let error as KubernetesError {
            return .failure(APIFailure(error))
        } catch let refusal as ClusterStore.Refusal where refusal == .closed {
            return .failure(APIFailure(503, "ServiceUnavailable", "the cluster is shutting down"))
        } catch let failure as StorageFailure {
            logger.error("a write failed", metadata: ["path": "\(call.path)", "error": "\(failure)"])
            return .failure(
                failure.isFull
                    ? APIFailure(507, "InsufficientStorage", failure.description)
                    : APIFailure(500, "InternalError", failure.description)
            )
        } catch is CancellationError {
            return .failure(APIFailure(503, "ServiceUnavailable", "the request was cancelled"))
        } catch {
            logger.error("request failed", metadata: ["path": "\(call.path)", "error": "\(error)"])
            return .failure(APIFailure(500, "InternalError", "Internal error occurred: \(error)"))
        }
    }

    private func route(_ call: APICall) async throws -> APIAnswer {
        let segments = call.path.split(separator: "/").map(String.init)
        switch segments.first {
        case "version", "openapi", "healthz", "livez", "readyz": return try discovery(call, segments)
        case "api" where segments.count <= 2, "apis" where segments.count <= 3: return try discovery(call, segments)
        case "api", "apis": break
        default: throw APIFailure.noSuchPath
        }
        guard let target = ResourcePath(segments) else { throw APIFailure.noSuchPath }
        guard
            let definition = catalog.definition(group: target.group, version: target.version, plural: target.plural)
        else { throw APIFailure.noSuchPath }
        if definition.isNamespaced == false, target.namespace != nil { throw APIFailure.noSuchPath }
        if let review = definition.review { return try answer(review, call, target, definition) }
        if definition.resource == CoreResources.eventView {
            let answer = await answer(EventView.coreCall(call, definition))
            return EventView.translation(definition).apply(to: answer)
        }
        let answer = try await serve(call, target, definition)
        guard definition.hasOtherVersions else { return answer }
        let translation = AnswerTranslation(definition) { object in
            // Each version has a schema of its own.
            _ = try? definition.model.normalize(&object)
        }
        return translation.apply(to: answer)
    }

    private func serve(
        _ call: APICall,
        _ target: ResourcePath,
        _ definition: ResourceDefinition
    ) async throws -> APIAnswer {
        guard let name = target.name else {
            switch call.method {
            case "GET": return try await list(call, target, definition)
            case "POST":
                guard !definition.isNamespaced || target.namespace != nil else { throw APIFailure.methodNotAllowed }
                return try await create(call, definition, namespace: target.namespace)
            case "DELETE": return try await deleteCollection(call, target, definition)
            default: throw APIFailure.methodNotAllowed
            }
        }
        guard !definition.isNamespaced || target.namespace != nil else { throw APIFailure.noSuchPath }
        let key = ObjectKey(namespace: target.namespace ?? "", name: name)
        switch (target.subresource, call.method) {
        case (nil, "GET"): return try read(call, definition, key)
        case (nil, "PUT"): return try await replace(call, definition, key, part: .main)
        case (nil, "PATCH"): return try await patch(call, definition, key, part: .main)
        case (nil, "DELETE"): return try await delete(call, definition, key)
        case ("status", "GET") where definition.hasStatus: return try read(call, definition, key)
        case ("status", "PUT") where definition.hasStatus:
            return try await replace(call, definition, key, part: .status)
        case ("status", "PATCH") where definition.hasStatus:
            return try await patch(call, definition, key, part: .status)
        case ("finalize", "PUT") where definition.resource == CoreResources.namespaces:
            return try await replace(call, definition, key, part: .finalizers)
        case ("log", "GET") where definition.resource == CoreResources.pods: return try await log(call, key)
        case ("portforward", _) where definition.resource == CoreResources.pods: throw Self.noPortForward
        case ("eviction", "POST") where definition.resource == CoreResources.pods:
            return try await evict(call, key, definition)
        case ("token", "POST") where definition.resource == CoreResources.serviceAccounts:
            return try requestToken(call, key, definition)
        case (nil, _), ("status", _): throw APIFailure.methodNotAllowed
        case (let part?, _) where definition.subresources.contains { $0.name == part }:
            throw APIFailure.methodNotAllowed
        case (let part?, _): throw APIFailure.notServed(part, of: definition.resource)
        }
    }

    /// The stored object of a key.
    func stored(_ definition: ResourceDefinition, _ key: ObjectKey) throws(APIFailure) -> StoredObject {
        guard let object = store.get(definition.resource, key) else {
            throw .notFound(definition.resource, key.name)
        }
        return object
    }
}

/// The place that a path under `/api` or `/apis` names.
struct ResourcePath: Sendable, Hashable {
    var group: String
    var version: String
    var namespace: String?
    var plural: String
    var name: String?
    var subresource: String?

    /// Reads the segments of a path; nil if they name no place.
    init?(_ segments: [String]) {
        var rest = segments[...]
        switch rest.popFirst() {
        case "api": group = ""
        case "apis":
            guard let group = rest.popFirst() else { return nil }
            self.group = group
        default: return nil
        }
        guard let version = rest.popFirst() else { return nil }
        self.version = version
        // `namespaces/x` is the Namespace itself, `namespaces/x/pods` is something in it.
        if rest.first == "namespaces", rest.count >= 3,
            !(group.isEmpty && ["status", "finalize"].contains(rest[rest.startIndex + 2]))
        {
            rest.removeFirst()
            namespace = rest.popFirst()
        }
        guard let plural = rest.popFirst() else { return nil }
        self.plural = plural
        name = rest.popFirst()
        subresource = rest.popFirst()
        if !rest.isEmpty { return nil }
    }
}
