import KargoCore
import KubernetesClient
import Synchronization

/// As much of an API server as the commands need, in memory; it records what it is asked to write.
final class CannedCluster: KubernetesAPI {
    struct Write: Hashable {
        var method: String
        var target: String
        var body: JSONValue
    }

    fileprivate struct State {
        /// The objects by their paths.
        var objects: [String: JSONValue] = [:]
        var version: Int64 = 100
        var writes: [Write] = []
        /// What is answered instead, by target; one answer after the other.
        var answers: [String: [APIResponse]] = [:]
        /// The streams by path, one after the other; each ends after its lines.
        var streams: [String: [[String]]] = [:]
        /// The paths whose streams say nothing and do not end.
        var silent: Set<String> = []
        /// The targets of the requests that read.
        var reads: [String] = []
    }

    private let state = Mutex(State())

    init(_ objects: [String: JSONValue] = [:]) {
        for (path, object) in objects { put(object, at: path) }
    }

    var writes: [Write] { state.withLock(\.writes) }
    var reads: [String] { state.withLock(\.reads) }

    func object(at path: String) -> JSONValue? { state.withLock { $0.objects[path] } }

    func put(_ object: JSONValue, at path: String) {
        state.withLock { $0.store(object, at: path) }
    }

    /// Answers a request in this way, once.
    func answer(_ target: String, _ status: Int, _ body: JSONValue, warnings: [String] = []) {
        let response = APIResponse(status: status, body: body.serialized(), warnings: warnings)
        state.withLock { $0.answers[target, default: []].append(response) }
    }

    /// Sends these lines on the next stream of a path.
    func stream(_ path: String, _ lines: [String]) {
        state.withLock { $0.streams[path, default: []].append(lines) }
    }

    /// Sends nothing on the streams of a path, and does not end them.
    func keepSilent(_ path: String) { state.withLock { _ = $0.silent.insert(path) } }

    func send(_ request: APIRequest) async throws -> APIResponse {
        try state.withLock { state in
            if request.method == .get {
                state.reads.append(request.target)
            } else {
                let body = try request.body.map { try JSONValue(parsing: $0) } ?? .null
                state.writes.append(Write(method: request.method.rawValue, target: request.target, body: body))
            }
            if var answers = state.answers[request.target], !answers.isEmpty {
                let answer = answers.removeFirst()
                state.answers[request.target] = answers
                return answer
            }
            return try state.answer(request)
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        if state.withLock({ $0.silent.contains(request.path) }) {
            let (never, _) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            throw CancellationError()
        }
        let lines: [String] = try state.withLock { state in
            state.reads.append(request.target)
            guard var streams = state.streams[request.path], !streams.isEmpty else {
                throw KubernetesError(.badRequest, "no stream of \(request.path) is left")
            }
            defer { state.streams[request.path] = streams }
            return streams.removeFirst()
        }
        for line in lines { _ = try await body(Array("\(line)\n".utf8)) }
    }
}

extension CannedCluster.State {
    fileprivate mutating func store(_ object: JSONValue, at path: String) {
        var object = object
        version += 1
        object[path: "metadata", "resourceVersion"] = .string(String(version))
        objects[path] = object
    }

    fileprivate mutating func answer(_ request: APIRequest) throws -> APIResponse {
        let body = try request.body.map { try JSONValue(parsing: $0) } ?? .null
        // A status is stored with its object.
        let path = request.path.hasSuffix("/status") ? String(request.path.dropLast("/status".count)) : request.path
        switch request.method {
        case .get:
            if let object = objects[path] { return .init(status: 200, body: object.serialized()) }
            let selector = request.query.first { $0.name == "labelSelector" }?.value
            // Behind the version come pairs of a kind and a name; a collection has no name.
            let depth = path.split(separator: "/").count - (path.hasPrefix("/apis/") ? 3 : 2)
            guard depth % 2 == 1 else { return .missing(path) }
            let items = objects.filter { $0.key.hasPrefix(path + "/") && $0.value.matches(selector) }
            let sorted = items.sorted { $0.key < $1.key }.map(\.value)
            let list: JSONValue = [
                "kind": "List", "metadata": ["resourceVersion": .string(String(version))], "items": .array(sorted),
            ]
            return .init(status: 200, body: list.serialized())
        case .post:
            let place = "\(path)/\(body[path: "metadata", "name"]?.stringValue ?? "")"
            store(body, at: place)
            return .init(status: 201, body: (objects[place] ?? .null).serialized())
        case .put, .patch:
            guard let live = objects[path] else { return .missing(path) }
            let changed = live.applying(mergePatch: body)
            if changed != live { store(changed, at: path) }
            return .init(status: 200, body: (objects[path] ?? .null).serialized())
        case .delete:
            guard objects.removeValue(forKey: path) != nil else { return .missing(path) }
            return .init(status: 200, body: JSONValue.object(["kind": "Status"]).serialized())
        }
    }
}

extension APIResponse {
    fileprivate static func missing(_ path: String) -> APIResponse {
        let status: JSONValue = ["kind": "Status", "reason": "NotFound", "message": .string("\(path) not found")]
        return APIResponse(status: 404, body: status.serialized())
    }
}

extension JSONValue {
    /// Whether the object has the one label of a selector.
    fileprivate func matches(_ selector: String?) -> Bool {
        guard let parts = selector?.split(separator: "=").map(String.init), parts.count == 2 else { return true }
        return self[path: "metadata", "labels", parts[0]]?.stringValue == parts[1]
    }
}

extension CannedCluster {
    static let project = "/apis/kargo.akuity.io/v1alpha1/namespaces/demo"

    /// Answers discovery with Stages, Freight, Projects, ConfigMaps and another group's stages.
    func serveKinds(times: Int = 1) {
        func kind(
            _ plural: String,
            _ kind: String,
            _ shortNames: [JSONValue],
            _ scope: String = "Namespaced"
        ) -> JSONValue {
            [
                "resource": .string(plural), "responseKind": ["kind": .string(kind)], "scope": .string(scope),
                "singularResource": .string(kind.lowercased()), "shortNames": .array(shortNames),
            ]
        }
        func list(_ groups: [(String, String, [JSONValue])]) -> JSONValue {
            let items = groups.map { name, version, resources -> JSONValue in
                [
                    "metadata": name.isEmpty ? [:] : ["name": .string(name)],
                    "versions": [["version": .string(version), "resources": .array(resources)]],
                ]
            }
            return ["kind": "APIGroupDiscoveryList", "items": .array(items)]
        }
        for _ in 0..<times {
            answer("/api", 200, list([("", "v1", [kind("configmaps", "ConfigMap", ["cm"])])]))
            answer(
                "/apis",
                200,
                list([
                    ("theatre.example", "v1", [kind("stages", "Stage", ["st"]), kind("props", "Prop", ["cm"])]),
                    (
                        "kargo.akuity.io", "v1alpha1",
                        [
                            kind("stages", "Stage", []), kind("freights", "Freight", []),
                            kind("projects", "Project", [], "Cluster"), kind("promotions", "Promotion", ["promo"]),
                        ]
                    ),
                ])
            )
        }
    }
}
