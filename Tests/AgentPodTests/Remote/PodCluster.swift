import KargoCore
import KubernetesClient
import Synchronization

/// As much of an API server as an agent's Pods need, in memory: Pods and what tests put beside them.
final class PodCluster: KubernetesAPI {
    fileprivate struct State {
        var pods: [String: Pod] = [:]
        var version = 0
        var deletions: [String] = []
        var refusals: [(status: Int, message: String)] = []
        var events: [(version: Int, line: [UInt8])] = []
        var watchers: [Int: AsyncStream<[UInt8]>.Continuation] = [:]
        var isWatchHeld = false
        var reads = 0
        var others: [String: JSONValue] = [:]
        var logs: [String: String] = [:]
        var areLogsStalled = false
        var forbidden: [APIRequest.Method: String] = [:]
        var areListsForbidden = false
    }

    private let state = Mutex(State())
    private let reads = WaitList<Bool>()
    /// What becomes of a Pod that is created, before anybody sees it.
    private let onCreate: @Sendable (inout Pod) -> Void

    init(onCreate: @escaping @Sendable (inout Pod) -> Void = { _ in }) {
        self.onCreate = onCreate
    }

    // MARK: What tests do

    /// Puts a Pod in and returns it as it is stored.
    @discardableResult
    func add(_ pod: Pod) throws -> Pod { try state.withLock { try $0.store(pod, "ADDED") } }

    /// Changes a Pod.
    func update(_ name: String, _ change: (inout Pod) -> Void) throws {
        try state.withLock { state in
            guard var pod = state.pods[name] else { return }
            change(&pod)
            _ = try state.store(pod, "MODIFIED")
        }
    }

    /// Takes a Pod away.
    func remove(_ name: String) throws { try state.withLock { try $0.remove(name) } }

    /// Puts something in that is no Pod, under its path.
    func put(_ object: JSONValue, at path: String) { state.withLock { $0.others[path] = object } }

    /// Puts a service account in.
    func add(serviceAccount: String) {
        put(["metadata": [:]], at: "/api/v1/namespaces/demo/serviceaccounts/\(serviceAccount)")
    }

    /// What is under a path that is no Pod's.
    func object(_ path: String) -> JSONValue? { state.withLock { $0.others[path] } }

    /// Lets a container have written lines, each with its time; those of its life before with `previous`.
    func log(_ container: String, previous: Bool = false, _ lines: String) {
        state.withLock { $0.logs["\(container) \(previous)"] = lines }
    }

    /// Lets logs begin that never end.
    func stallLogs() { state.withLock { $0.areLogsStalled = true } }

    /// Answers the next request to create with an error.
    func refuse(_ status: Int, _ message: String) { state.withLock { $0.refusals.append((status, message)) } }

    /// Answers all requests of a kind about Pods with 403.
    func forbid(_ method: APIRequest.Method, _ message: String) { state.withLock { $0.forbidden[method] = message } }

    /// Answers all lists of Pods with 403.
    func forbidLists() { state.withLock { $0.areListsForbidden = true } }

    /// Lets watchers hear nothing until ``releaseWatch()``.
    func holdWatch() { state.withLock { $0.isWatchHeld = true } }

    /// Lets watchers hear of everything that they missed.
    func releaseWatch() {
        state.withLock { state in
            state.isWatchHeld = false
            for watcher in state.watchers.values {
                for event in state.events { watcher.yield(event.line) }
            }
        }
    }

    /// Waits until single Pods were read so many times.
    func waitForReads(_ count: Int) async {
        while state.withLock({ $0.reads < count }) {
            await reads.wait(for: true) { state.withLock { $0.reads >= count } }
        }
    }

    var pods: [Pod] { state.withLock { $0.pods.values.sorted { $0.metadata.name < $1.metadata.name } } }
    /// The deletions that were asked for: name, UID that was demanded and grace period.
    var deletions: [String] { state.withLock(\.deletions) }

    // MARK: What the runtime does

    func send(_ request: APIRequest) async throws -> APIResponse {
        let parts = request.path.split(separator: "/").map(String.init)
        let name = parts.last == "pods" ? nil : parts.last
        let body = try request.body.map { try JSONValue(parsing: $0) } ?? .null
        defer { reads.wakeAll() }
        guard parts.contains("pods") else { return sendOther(request, body) }
        return try state.withLock { state in
            if name != nil || request.method != .get, let message = state.forbidden[request.method] {
                return refusal(403, message, "Forbidden")
            }
            if name == nil, request.method == .get, state.areListsForbidden { return refusal(403, "no", "Forbidden") }
            switch (request.method, name) {
            case (.get, nil):
                let items = try state.pods.values.map { try JSONValueEncoder().encode($0) }
                return answer(
                    ["metadata": ["resourceVersion": .string(String(state.version))], "items": .array(items)]
                )
            case (.get, let name?):
                state.reads += 1
                guard let pod = state.pods[name] else { return refusal(404, "no Pod \(name)") }
                return answer(try JSONValueEncoder().encode(pod))
            case (.post, _):
                if !state.refusals.isEmpty {
                    let (status, message) = state.refusals.removeFirst()
                    return refusal(status, message)
                }
                var pod = try JSONValueDecoder().decode(Pod.self, from: body)
                guard state.pods[pod.metadata.name] == nil else { return refusal(409, "exists", "AlreadyExists") }
                onCreate(&pod)
                return answer(try JSONValueEncoder().encode(state.store(pod, "ADDED")))
            case (.delete, let name?):
                guard let pod = state.pods[name] else { return refusal(404, "no Pod \(name)") }
                let uid = body[path: "preconditions", "uid"]?.stringValue
                let grace = body["gracePeriodSeconds"]?.intValue ?? 30
                state.deletions.append("\(name) \(uid ?? "-") \(grace)")
                guard uid == nil || uid == pod.metadata.uid else { return refusal(409, "another UID") }
                try state.remove(name)
                return answer(try JSONValueEncoder().encode(pod))
            default: return refusal(405, "not here")
            }
        }
    }

    /// Objects that are no Pods; a merge patch changes them.
    private func sendOther(_ request: APIRequest, _ body: JSONValue) -> APIResponse {
        state.withLock { state in
            switch request.method {
            case .get:
                if let object = state.others[request.path] { return answer(object) }
                return refusal(404, "nothing at \(request.path)")
            case .post:
                if !state.refusals.isEmpty {
                    let (status, message) = state.refusals.removeFirst()
                    return refusal(status, message)
                }
                let path = "\(request.path)/\(body[path: "metadata", "name"]?.stringValue ?? "")"
                guard state.others[path] == nil else { return refusal(409, "exists", "AlreadyExists") }
                state.others[path] = body
                return answer(body)
            case .patch:
                guard let old = state.others[request.path] else { return refusal(404, "nothing at \(request.path)") }
                let new = old.applying(mergePatch: body)
                state.others[request.path] = new
                return answer(new)
            default: return refusal(405, "not here")
            }
        }
    }

    func stream(_ request: APIRequest, _ body: ([UInt8]) async throws -> Bool) async throws {
        if request.path.hasSuffix("/log") {
            let container = request.query.first { $0.name == "container" }?.value ?? ""
            let isPrevious = request.query.contains { $0.name == "previous" }
            guard let log = state.withLock({ $0.logs["\(container) \(isPrevious)"] }) else {
                throw KubernetesError(.badRequest, "container \(container) has not begun")
            }
            _ = try await body(Array(log.utf8))
            if state.withLock(\.areLogsStalled) {
                for await _ in AsyncStream<Void>.makeStream().stream {}
                try Task.checkCancellation()
            }
            return
        }
        let start = request.query.first { $0.name == "resourceVersion" }.flatMap { Int($0.value) } ?? 0
        let (lines, line) = AsyncStream.makeStream(of: [UInt8].self)
        let id = state.withLock { state in
            if !state.isWatchHeld {
                for event in state.events where event.version > start { line.yield(event.line) }
            }
            let id = state.watchers.count
            state.watchers[id] = line
            return id
        }
        defer { state.withLock { _ = $0.watchers.removeValue(forKey: id) } }
        for await line in lines { guard try await body(line) else { return } }
        try Task.checkCancellation()
    }

    private func answer(_ value: JSONValue) -> APIResponse { APIResponse(status: 200, body: value.serialized()) }

    private func refusal(_ status: Int, _ message: String, _ reason: String = "") -> APIResponse {
        let value: JSONValue = ["message": .string(message), "reason": .string(reason)]
        return APIResponse(status: status, body: value.serialized())
    }
}

extension PodCluster.State {
    fileprivate mutating func store(_ pod: Pod, _ type: String) throws -> Pod {
        version += 1
        var pod = pod
        if pod.metadata.uid.isEmpty { pod.metadata.uid = "pod-\(version)" }
        pod.metadata.resourceVersion = String(version)
        pods[pod.metadata.name] = pod
        try tell(type, pod)
        return pod
    }

    fileprivate mutating func remove(_ name: String) throws {
        guard var pod = pods.removeValue(forKey: name) else { return }
        version += 1
        pod.metadata.resourceVersion = String(version)
        try tell("DELETED", pod)
    }

    private mutating func tell(_ type: String, _ pod: Pod) throws {
        let line: JSONValue = ["type": .string(type), "object": try JSONValueEncoder().encode(pod)]
        let bytes = line.serialized() + [UInt8(ascii: "\n")]
        events.append((version, bytes))
        if !isWatchHeld { for watcher in watchers.values { watcher.yield(bytes) } }
    }
}
