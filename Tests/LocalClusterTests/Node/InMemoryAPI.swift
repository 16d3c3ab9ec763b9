import KargoCore
import KubernetesClient
import Synchronization

/// As much of an API server as a node needs, in memory.
final class InMemoryAPI: KubernetesAPI {
    fileprivate struct Event {
        var type: String
        var object: JSONValue
    }

    fileprivate struct State {
        var objects: [String: JSONValue] = [:]
        var version = 0
        /// Everything that has happened, so that a watch can begin where a list was.
        var history: [(version: Int, plural: String, event: Event)] = []
        var watches: [Int: (plural: String, continuation: AsyncStream<Event>.Continuation)] = [:]
        var nextWatch = 0
        /// How many tokens were issued.
        var tokens = 0
        /// Who has tokens.
        var accounts: Set<String> = ["default"]
    }

    private let state = Mutex(State())

    // MARK: What tests do

    /// Creates an object and returns its UID.
    @discardableResult
    func add(_ resource: APIResource, _ object: JSONValue, namespace: String = "default") async throws -> String {
        let created = try await create(resource, namespace: namespace, object)
        return created[path: "metadata", "uid"]?.stringValue ?? ""
    }

    /// Waits for a state of a Pod.
    func pod(_ name: String, where isWanted: (Pod) -> Bool) async throws -> Pod {
        let (events, id) = watch("pods")
        defer { forget(id) }
        if let pod = try current(name), isWanted(pod) { return pod }
        for await event in events where event.type != "DELETED" {
            let pod = try JSONValueDecoder().decode(Pod.self, from: event.object)
            if pod.metadata.name == name, isWanted(pod) { return pod }
        }
        throw CancellationError()
    }

    /// Waits for an Event with a reason.
    func event(
        _ reason: String,
        where isWanted: (KargoCore.Event) -> Bool = { _ in true }
    ) async throws -> KargoCore.Event {
        let (events, id) = watch("events")
        defer { forget(id) }
        let present = all("events")
        for object in present {
            let event = try JSONValueDecoder().decode(KargoCore.Event.self, from: object)
            if event.reason == reason, isWanted(event) { return event }
        }
        for await change in events where change.type != "DELETED" {
            let event = try JSONValueDecoder().decode(KargoCore.Event.self, from: change.object)
            if event.reason == reason, isWanted(event) { return event }
        }
        throw CancellationError()
    }

    /// Changes an object.
    func change(_ resource: APIResource, _ name: String, _ change: JSONValue) async throws {
        _ = try await patch(resource, namespace: "default", name: name, .merge(change))
    }

    /// Waits until a Pod is gone.
    func waitUntilGone(_ name: String, uid: String) async throws {
        let (events, id) = watch("pods")
        defer { forget(id) }
        guard try current(name)?.metadata.uid == uid else { return }
        for await event in events where event.type == "DELETED" {
            if event.object[path: "metadata", "uid"]?.stringValue == uid { return }
        }
        throw CancellationError()
    }

    /// The Pod as it is.
    func current(_ name: String) throws -> Pod? {
        try state.withLock { $0.objects["pods/default/\(name)"] }
            .map { try JSONValueDecoder().decode(Pod.self, from: $0) }
    }

    /// The objects of a kind.
    func all(_ plural: String) -> [JSONValue] {
        state.withLock { state in state.objects.filter { $0.key.hasPrefix("\(plural)/") }.map(\.value) }
    }

    /// Takes an object away as if it had never been asked for.
    func remove(_ plural: String, _ name: String) {
        state.withLock { state in
            guard let object = state.objects.removeValue(forKey: "\(plural)/default/\(name)") else { return }
            state.version += 1
            state.tell("DELETED", object, of: plural)
        }
    }

    /// Sets who has tokens.
    func setAccounts(_ accounts: Set<String>) { state.withLock { $0.accounts = accounts } }

    // MARK: What the node does

    func send(_ request: APIRequest) async throws -> APIResponse {
        let path = try Path(request.path)
        return try state.withLock { state in
            switch request.method {
            case .get where path.name == nil: state.list(path)
            case .get: state.get(path)
            case .post where path.subresource == "token": state.issueToken(path)
            case .post: try state.create(path, JSONValue(parsing: request.body ?? []))
            case .patch: try state.patch(path, JSONValue(parsing: request.body ?? []))
            case .put: APIResponse(status: 405, body: [])
            case .delete: try state.delete(path, JSONValue(parsing: request.body ?? []))
            }
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        let version = request.query.first { $0.name == "resourceVersion" }.flatMap { Int($0.value) }
        let (events, id) = watch(try Path(request.path).plural, from: version)
        defer { forget(id) }
        for await event in events {
            let line = JSONValue.object(["type": .string(event.type), "object": event.object])
            guard try await body(line.serialized() + [UInt8(ascii: "\n")]) else { return }
        }
        try Task.checkCancellation()
    }

    private func watch(_ plural: String, from version: Int? = nil) -> (AsyncStream<Event>, Int) {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let id = state.withLock { state in
            if let version {
                for past in state.history where past.version > version && past.plural == plural {
                    continuation.yield(past.event)
                }
            }
            state.nextWatch += 1
            state.watches[state.nextWatch] = (plural, continuation)
            return state.nextWatch
        }
        return (events, id)
    }

    private func forget(_ id: Int) { state.withLock { $0.watches[id] = nil } }

    fileprivate struct Path {
        var plural: String
        var namespace = "default"
        var name: String?
        var subresource: String?
        var isStatus: Bool { subresource == "status" }

        init(_ path: String) throws {
            var parts = path.split(separator: "/").map(String.init)
            parts.removeFirst(2)
            if parts.first == "namespaces", parts.count > 2 {
                namespace = parts[1]
                parts.removeFirst(2)
            }
            plural = parts[0]
            if parts.count > 1 { name = parts[1] }
            if parts.count > 2 { subresource = parts[2] }
        }

        var key: String { "\(plural)/\(namespace)/\(name ?? "")" }
    }
}

extension InMemoryAPI.State {
    fileprivate mutating func store(_ object: JSONValue, _ key: String) -> JSONValue {
        version += 1
        var object = object
        object[path: "metadata", "resourceVersion"] = .string(String(version))
        objects[key] = object
        return object
    }

    fileprivate mutating func tell(_ type: String, _ object: JSONValue, of plural: String) {
        history.append((version, plural, InMemoryAPI.Event(type: type, object: object)))
        for watch in watches.values where watch.plural == plural {
            watch.continuation.yield(InMemoryAPI.Event(type: type, object: object))
        }
    }

    fileprivate func list(_ path: InMemoryAPI.Path) -> APIResponse {
        let items = objects.filter { $0.key.hasPrefix("\(path.plural)/") }.map(\.value)
        return answer(["items": .array(items), "metadata": ["resourceVersion": .string(String(version))]])
    }

    fileprivate func get(_ path: InMemoryAPI.Path) -> APIResponse {
        objects[path.key].map { answer($0) } ?? refusal(404, "\(path.key) not found")
    }

    fileprivate mutating func create(_ path: InMemoryAPI.Path, _ object: JSONValue) -> APIResponse {
        var path = path
        path.name = object[path: "metadata", "name"]?.stringValue
        guard objects[path.key] == nil else { return refusal(409, "\(path.key) already exists") }
        var object = object
        object[path: "metadata", "namespace"] = .string(path.namespace)
        object[path: "metadata", "uid"] = .string("\(path.name ?? "")-\(version)-\(UInt32.random(in: 0 ... .max))")
        let created = store(object, path.key)
        tell("ADDED", created, of: path.plural)
        return answer(created)
    }

    fileprivate mutating func issueToken(_ path: InMemoryAPI.Path) -> APIResponse {
        guard accounts.contains(path.name ?? "") else { return refusal(404, "\(path.key) not found") }
        tokens += 1
        return answer(["status": ["token": .string("token-\(tokens)")]])
    }

    fileprivate mutating func patch(_ path: InMemoryAPI.Path, _ patch: JSONValue) -> APIResponse {
        guard let old = objects[path.key] else { return refusal(404, "\(path.key) not found") }
        if let uid = patch[path: "metadata", "uid"], uid != old[path: "metadata", "uid"] {
            return refusal(409, "the UID is another")
        }
        let changed = old.applying(mergePatch: patch)
        var object = old
        if path.isStatus {
            object["status"] = changed["status"]
        } else {
            object = changed
            object["status"] = old["status"]
        }
        guard object != old else { return answer(old) }
        let stored = store(object, path.key)
        tell("MODIFIED", stored, of: path.plural)
        return answer(stored)
    }

    fileprivate mutating func delete(_ path: InMemoryAPI.Path, _ options: JSONValue) -> APIResponse {
        guard var object = objects[path.key] else { return refusal(404, "\(path.key) not found") }
        if let uid = options[path: "preconditions", "uid"], uid != object[path: "metadata", "uid"] {
            return refusal(409, "the UID is another")
        }
        let grace =
            options["gracePeriodSeconds"]?.intValue ?? object[path: "spec", "terminationGracePeriodSeconds"]?.intValue
            ?? 30
        let phase = object[path: "status", "phase"]?.stringValue ?? ""
        if path.plural == "pods", grace > 0, !["Succeeded", "Failed"].contains(phase) {
            object[path: "metadata", "deletionTimestamp"] = "2026-01-02T03:04:05Z"
            object[path: "metadata", "deletionGracePeriodSeconds"] = .int(grace)
            let stored = store(object, path.key)
            tell("MODIFIED", stored, of: path.plural)
            return answer(stored)
        }
        version += 1
        object[path: "metadata", "resourceVersion"] = .string(String(version))
        objects[path.key] = nil
        tell("DELETED", object, of: path.plural)
        return answer(object)
    }

    private func answer(_ value: JSONValue) -> APIResponse { APIResponse(status: 200, body: value.serialized()) }

    private func refusal(_ status: Int, _ message: String) -> APIResponse {
        APIResponse(status: status, body: JSONValue.object(["message": .string(message)]).serialized())
    }
}
