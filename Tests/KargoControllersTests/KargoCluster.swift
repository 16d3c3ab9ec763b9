import KargoCore
import KubernetesClient
import Synchronization

/// As much of an API server as the controllers need, in memory.
final class KargoCluster: KubernetesAPI {
    fileprivate struct State {
        var objects: [String: JSONValue] = [:]
        var version = 0
        var events: [(version: Int, collection: String, line: [UInt8])] = []
        var watchers: [Int: (collection: String, line: AsyncStream<[UInt8]>.Continuation)] = [:]
        var nextWatcher = 0
        var refusals: [(path: String, status: Int, message: String)] = []
        /// The collections of whose changes watches do not tell.
        var silent: Set<String> = []
    }

    private let state = Mutex(State())
    private let changes = WaitList<Bool>()

    // MARK: What tests do

    /// Puts an object in, written in YAML.
    func add(_ resource: APIResource, _ text: String) throws {
        let object = try JSONValue(yaml: text)
        let path = resource.path(
            namespace: object[path: "metadata", "namespace"]?.stringValue,
            name: object[path: "metadata", "name"]?.stringValue
        )
        state.withLock { $0.create(object, at: path) }
        changes.wakeAll()
    }

    /// Changes an object by a merge patch in YAML, as somebody else would.
    func change(_ path: String, _ patch: String) throws {
        let patch = try JSONValue(yaml: patch)
        state.withLock { state in
            guard let object = state.objects[path] else { return }
            state.store(object.applying(mergePatch: patch), at: path, "MODIFIED")
        }
        changes.wakeAll()
    }

    /// Deletes an object as somebody else would.
    func remove(_ path: String) {
        state.withLock { $0.delete(path) }
        changes.wakeAll()
    }

    /// Answers the next change of an object with an error.
    func refuse(_ path: String, _ status: Int, _ message: String) {
        state.withLock { $0.refusals.append((path, status, message)) }
    }

    /// Lets watches of a kind tell of nothing more.
    func silence(_ resource: APIResource) { state.withLock { _ = $0.silent.insert(resource.plural) } }

    /// The object of a path.
    subscript(path: String) -> JSONValue? { state.withLock { $0.objects[path] } }

    /// Waits until the object of a path is as it is wanted; nil stands for none.
    @discardableResult
    func wait(for path: String, where isWanted: (JSONValue?) -> Bool) async throws -> JSONValue? {
        while true {
            try Task.checkCancellation()
            let object = self[path]
            if isWanted(object) { return object }
            let version = object?[path: "metadata", "resourceVersion"]
            await changes.wait(for: true) { self[path]?[path: "metadata", "resourceVersion"] != version }
        }
    }

    // MARK: What the controllers do

    func send(_ request: APIRequest) async throws -> APIResponse {
        let body = try request.body.map { try JSONValue(parsing: $0) } ?? .null
        defer { changes.wakeAll() }
        return state.withLock { state in
            switch request.method {
            case .get: state.read(request.path)
            case .post:
                state.create(body, in: request.path)
            case .patch: state.patch(request.path, body)
            case .delete: state.answerDelete(request.path)
            case .put: APIResponse(status: 405, body: [])
            }
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        let start = request.query.first { $0.name == "resourceVersion" }.flatMap { Int($0.value) } ?? 0
        let collection = request.path.split(separator: "/").last.map(String.init) ?? ""
        let (lines, line) = AsyncStream.makeStream(of: [UInt8].self)
        let id = state.withLock { state in
            for event in state.events where event.version > start && event.collection == collection {
                line.yield(event.line)
            }
            state.nextWatcher += 1
            state.watchers[state.nextWatcher] = (collection, line)
            return state.nextWatcher
        }
        defer { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
        for await line in lines { guard try await body(line) else { return } }
        try Task.checkCancellation()
    }
}

extension KargoCluster.State {
    private static let collections: Set<Substring> = [
        "applications", "freights", "namespaces", "projects", "promotions", "stages",
    ]

    /// The plural in a path of an object.
    private static func collection(_ path: String) -> String {
        String(path.split(separator: "/").dropLast().last ?? "")
    }

    fileprivate mutating func create(_ object: JSONValue, at path: String) {
        var object = object
        if object[path: "metadata", "uid"] == nil {
            object[path: "metadata", "uid"] = .string("uid-\(path.split(separator: "/").last ?? "")")
        }
        store(object, at: path, "ADDED")
    }

    @discardableResult
    fileprivate mutating func store(_ object: JSONValue, at path: String, _ type: String) -> JSONValue {
        version += 1
        var object = object
        object[path: "metadata", "resourceVersion"] = .string(String(version))
        let isEnding = object[path: "metadata", "deletionTimestamp"] != nil
        let hasFinalizers = !(object[path: "metadata", "finalizers"]?.arrayValue ?? []).isEmpty
        if type == "DELETED" || (isEnding && !hasFinalizers) {
            objects[path] = nil
            tell("DELETED", object, Self.collection(path))
        } else {
            objects[path] = object
            tell(type, object, Self.collection(path))
        }
        return object
    }

    private mutating func tell(_ type: String, _ object: JSONValue, _ collection: String) {
        guard !silent.contains(collection) else { return }
        let line = JSONValue.object(["type": .string(type), "object": object]).serialized() + [UInt8(ascii: "\n")]
        events.append((version, collection, line))
        for watcher in watchers.values where watcher.collection == collection { watcher.line.yield(line) }
    }

    fileprivate mutating func delete(_ path: String) {
        guard var object = objects[path] else { return }
        guard (object[path: "metadata", "finalizers"]?.arrayValue ?? []).isEmpty else {
            guard object[path: "metadata", "deletionTimestamp"] == nil else { return }
            object[path: "metadata", "deletionTimestamp"] = "2026-01-02T03:04:05Z"
            store(object, at: path, "MODIFIED")
            return
        }
        store(object, at: path, "DELETED")
    }

    fileprivate func read(_ path: String) -> APIResponse {
        if let object = objects[path] { return Self.answer(object) }
        let collection = path.split(separator: "/").last ?? ""
        guard Self.collections.contains(collection) else { return Self.refusal(404, "\(path) not found") }
        let items = objects.filter { Self.collection($0.key) == collection }.map(\.value)
        return Self.answer(
            ["metadata": ["resourceVersion": .string(String(version))], "items": .array(items)]
        )
    }

    fileprivate mutating func create(_ object: JSONValue, in collection: String) -> APIResponse {
        let path = "\(collection)/\(object[path: "metadata", "name"]?.stringValue ?? "")"
        guard objects[path] == nil else { return Self.refusal(409, "exists", "AlreadyExists") }
        create(object, at: path)
        return Self.answer(objects[path] ?? .null)
    }

    fileprivate mutating func patch(_ path: String, _ patch: JSONValue) -> APIResponse {
        let isStatus = path.hasSuffix("/status")
        let path = isStatus ? String(path.dropLast("/status".count)) : path
        if let index = refusals.firstIndex(where: { $0.path == path }) {
            let refusal = refusals.remove(at: index)
            return Self.refusal(refusal.status, refusal.message)
        }
        guard let old = objects[path] else { return Self.refusal(404, "\(path) not found") }
        let changed = old.applying(mergePatch: patch)
        var object = isStatus ? old : changed
        object["status"] = isStatus ? changed["status"] : old["status"]
        return Self.answer(store(object, at: path, "MODIFIED"))
    }

    fileprivate mutating func answerDelete(_ path: String) -> APIResponse {
        guard let object = objects[path] else { return Self.refusal(404, "\(path) not found") }
        delete(path)
        return Self.answer(object)
    }

    private static func answer(_ value: JSONValue) -> APIResponse { APIResponse(status: 200, body: value.serialized()) }

    private static func refusal(_ status: Int, _ message: String, _ reason: String = "") -> APIResponse {
        let value: JSONValue = ["message": .string(message), "reason": .string(reason)]
        return APIResponse(status: status, body: value.serialized())
    }
}
