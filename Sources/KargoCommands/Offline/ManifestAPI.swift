import KargoCore
import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The objects of files in the place of a cluster; they can be read only.
///
/// They are as a cluster would give them back: in a namespace, Secrets with `data` only, Freight with its alias as a
/// label. Of two objects with one name the later counts. Kinds need not be known: the name of a kind in paths follows
/// from the kind, and what is in no namespace on a cluster is in none here if Kargo reads it.
struct ManifestAPI: KubernetesAPI {
    /// The objects by their paths.
    private var objects: [String: JSONValue] = [:]
    /// The paths of the objects in a collection, by its path.
    private var collections: [String: Set<String>] = [:]

    /// Takes objects.
    ///
    /// - Parameters:
    ///   - manifests: The objects.
    ///   - project: The namespace of those that name none.
    /// - Throws: ``CommandError`` for an object without a name or with a value of a Secret that can't be one.
    init(_ manifests: [Manifest], project: String) throws(CommandError) {
        for manifest in manifests { try add(manifest, project: project) }
    }

    private mutating func add(_ manifest: Manifest, project: String) throws(CommandError) {
        guard let name = manifest.name, !name.isEmpty else {
            let given = manifest.object[path: "metadata", "name"]
            throw CommandError(
                given.map { "\(manifest.place): metadata.name is \($0.typeName); put a name in quotes" }
                    ?? "\(manifest.place): metadata.name must be given"
            )
        }
        let resource = APIResource(guessing: manifest)
        let namespace = resource.isNamespaced ? manifest.namespace ?? project : nil
        var object = manifest.object
        object[path: "metadata", "namespace"] = namespace.map(JSONValue.string)
        if resource == .secrets { object = try Self.encoded(object, place: manifest.place) }
        let path = resource.path(namespace: namespace, name: name)
        objects[path] = object
        for collection in Set([resource.path(namespace: namespace), resource.path()]) {
            collections[collection, default: []].insert(path)
        }
        // Who wrote the file knows the Freight by the name there.
        if let written = manifest.writtenName, written != name {
            objects[resource.path(namespace: namespace, name: written)] = object
        }
    }

    /// A Secret whose texts are in base64, as an API server keeps them.
    private static func encoded(_ secret: JSONValue, place: String) throws(CommandError) -> JSONValue {
        var secret = secret
        for (key, value) in secret["stringData"]?.objectValue ?? [:] {
            guard let text = value.stringValue else {
                throw CommandError("\(place): stringData.\(key) is \(value.typeName), not a string; put it in quotes")
            }
            secret[path: "data", key] = .string(Data(text.utf8).base64EncodedString())
        }
        secret["stringData"] = nil
        return secret
    }

    func send(_ request: APIRequest) async throws -> APIResponse {
        guard request.method == .get else {
            return .failure(405, "MethodNotAllowed", "files are only read, so there is no \(request.method.rawValue)")
        }
        if let object = objects[request.path] { return APIResponse(status: 200, body: object.serialized()) }
        let place = RequestPlace(request.path)
        guard place.isCollection else { return .failure(404, "NotFound", "\(place) is in none of the files") }
        let selection: LabelSelection
        do {
            selection = try LabelSelection(request)
        } catch {
            return .failure(400, "BadRequest", error.description)
        }
        let items = (collections[request.path] ?? []).sorted().compactMap { objects[$0] }.filter(selection.contains)
        let list: JSONValue = ["apiVersion": "v1", "kind": "List", "metadata": [:], "items": .array(items)]
        return APIResponse(status: 200, body: list.serialized())
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        throw KubernetesError(.other(405), "files are read once, so \(request.path) can't be followed")
    }
}

extension APIResource {
    /// Kinds that Kargo reads and that are in no namespace.
    private static let clusterWide: [APIResource] = [.namespaces, .projects, .clusterPromotionTasks]

    /// The kind of an object, its name in paths made as Kubernetes makes it where nobody says.
    fileprivate init(guessing manifest: Manifest) {
        let parts = manifest.apiVersion.split(separator: "/", maxSplits: 1).map(String.init)
        let word = manifest.kind.lowercased()
        let plural =
            switch word {
            case "endpoints": word
            case _ where word.hasSuffix("s"): word + "es"
            case _ where word.hasSuffix("y"): "\(word.dropLast())ies"
            default: word + "s"
            }
        self.init(
            group: parts.count == 2 ? parts[0] : "",
            version: parts.last ?? "",
            plural: plural,
            kind: manifest.kind
        )
        isNamespaced = !Self.clusterWide.contains { $0.apiVersion == apiVersion && $0.kind == kind }
    }
}

/// What the path of a request is about.
private struct RequestPlace: CustomStringConvertible {
    let group: String
    /// Behind the version: a kind, or a kind and a name; before that perhaps a namespace.
    let segments: [String]

    init(_ path: String) {
        let all = path.split(separator: "/").map(String.init)
        let isGrouped = all.first == "apis"
        group = isGrouped && all.count > 1 ? all[1] : ""
        segments = Array(all.dropFirst(isGrouped ? 3 : 2))
    }

    var isCollection: Bool { segments.count == 1 || segments.count == 3 && segments[0] == "namespaces" }

    var description: String {
        guard let name = segments.last, let kind = segments.dropLast().last else { return "what is asked for" }
        return "\(group.isEmpty ? kind : "\(kind).\(group)") \"\(name)\""
    }
}

extension APIResponse {
    fileprivate static func failure(_ code: Int, _ reason: String, _ message: String) -> APIResponse {
        let status: JSONValue = [
            "apiVersion": "v1", "kind": "Status", "status": "Failure", "code": .int(Int64(code)),
            "reason": .string(reason), "message": .string(message),
        ]
        return APIResponse(status: code, body: status.serialized())
    }
}
