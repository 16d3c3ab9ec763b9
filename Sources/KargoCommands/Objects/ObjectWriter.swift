import KargoCore
import KubernetesClient

/// Makes objects be as manifests say, or not be.
struct ObjectWriter {
    /// What was done with an object.
    struct Outcome: Hashable, CustomStringConvertible {
        var object: String
        var deed: String

        var description: String { "\(object) \(deed)" }
    }

    let api: any KubernetesAPI
    /// The namespace of objects that name none.
    let namespace: String
    /// The namespace that all objects must be in, if one was asked for.
    var requiredNamespace: String?
    /// Hears what the server warns of.
    var onWarning: (String) -> Void = { _ in }
    private var catalog: KindCatalog?

    init(api: any KubernetesAPI, namespace: String, requiredNamespace: String? = nil) {
        self.api = api
        self.namespace = namespace
        self.requiredNamespace = requiredNamespace
    }

    /// Creates an object, or changes what the manifest says of it.
    mutating func apply(_ manifest: Manifest) async throws -> Outcome {
        let (resource, namespace) = try await target(of: manifest)
        let applied = AppliedManifest(manifest.object)
        guard let name = manifest.name, let live = try await live(resource, namespace, name) else {
            let created = try await send(.post, resource.path(namespace: namespace), applied.object, manifest)
            let name = created[path: "metadata", "name"]?.stringValue ?? ""
            return Outcome(object: resource.printed(name), deed: "created")
        }
        let object = resource.printed(name)
        guard let patch = applied.patch(of: live) else { return Outcome(object: object, deed: "unchanged") }
        let changed = try await send(.patch, resource.path(namespace: namespace, name: name), patch, manifest)
        let version = ["metadata", "resourceVersion"]
        let isSame = changed[path: version[0], version[1]] == live[path: version[0], version[1]]
        return Outcome(object: object, deed: isSame ? "unchanged" : "configured")
    }

    /// Deletes an object; nil if there is none.
    mutating func delete(_ manifest: Manifest) async throws -> Outcome? {
        let (resource, namespace) = try await target(of: manifest)
        guard let name = manifest.name else { throw CommandError("\(manifest.place): metadata.name must be given") }
        return try await delete(resource, namespace: namespace, name: name)
    }

    /// Deletes an object; nil if there is none.
    func delete(_ resource: APIResource, namespace: String?, name: String) async throws -> Outcome? {
        var options = DeleteOptions()
        options.propagationPolicy = "Background"
        do {
            try await api.delete(resource, namespace: namespace, name: name, options: options)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
        return Outcome(object: resource.printed(name), deed: "deleted")
    }

    private mutating func target(of manifest: Manifest) async throws -> (APIResource, namespace: String?) {
        let resource = try await resource(of: manifest)
        guard resource.isNamespaced else { return (resource, nil) }
        if let requiredNamespace, let own = manifest.namespace, own != requiredNamespace {
            throw CommandError(
                "\(manifest.place): metadata.namespace is \"\(own)\", but --project is \"\(requiredNamespace)\"; leave "
                    + "one of them out"
            )
        }
        return (resource, manifest.namespace ?? namespace)
    }

    private mutating func resource(of manifest: Manifest) async throws -> APIResource {
        if let known = catalog?.resource(apiVersion: manifest.apiVersion, kind: manifest.kind) { return known }
        // An object before this one may have defined the kind.
        let current = KindCatalog(try await api.discover())
        catalog = current
        guard let resource = current.resource(apiVersion: manifest.apiVersion, kind: manifest.kind) else {
            throw CommandError(
                "\(manifest.place): the cluster has no kind \"\(manifest.kind)\" in \"\(manifest.apiVersion)\"; apply its "
                    + "CustomResourceDefinition first, or correct apiVersion and kind"
            )
        }
        return resource
    }

    private func live(_ resource: APIResource, _ namespace: String?, _ name: String) async throws -> JSONValue? {
        do {
            return try await api.get(resource, namespace: namespace, name: name)
        } catch let error as KubernetesError where error.code == .notFound {
            return nil
        }
    }

    private func send(
        _ method: APIRequest.Method,
        _ path: String,
        _ body: JSONValue,
        _ manifest: Manifest
    ) async throws -> JSONValue {
        let request = APIRequest(
            method,
            path,
            query: [("fieldManager", "kargo"), ("fieldValidation", "Strict")],
            contentType: method == .patch ? "application/merge-patch+json" : "application/json",
            body: body.serialized()
        )
        do {
            return try await api.object(request, onWarning: onWarning)
        } catch let error as KubernetesError where error.code != .unreachable {
            throw CommandError("\(manifest.place): \(error)")
        }
    }
}
