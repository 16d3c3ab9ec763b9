import KargoCore
import Synchronization

/// Applications of Argo CD in memory; nothing acts on them unless it is told to.
final class InMemoryApplications: ArgoCDApplications {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    private struct State {
        var objects: [String: JSONValue] = [:]
        var version = 0
        var patches: [JSONValue] = []
        var events: [Event] = []
        var interference: [JSONValue] = []
        var failures: [String: String] = [:]
        var isSyncing = false

        mutating func store(_ object: JSONValue) -> JSONValue {
            version += 1
            var object = object
            object[path: "metadata", "resourceVersion"] = .string(String(version))
            objects[InMemoryApplications.key(object)] = object
            return object
        }
    }

    let defaultNamespace = "argocd"
    private let state = Mutex(State())

    /// Makes Applications, each written in YAML.
    init(_ texts: String...) throws {
        for text in texts { try add(text) }
    }

    private static func key(_ object: JSONValue) -> String {
        let metadata = object["metadata"]
        return "\(metadata?["namespace"]?.stringValue ?? "")/\(metadata?["name"]?.stringValue ?? "")"
    }

    // MARK: What tests do

    func add(_ text: String) throws {
        var object = try JSONValue(yaml: text)
        if object[path: "metadata", "namespace"] == nil { object[path: "metadata", "namespace"] = "argocd" }
        state.withLock { state in _ = state.store(object) }
    }

    /// Changes an Application as somebody else would.
    func change(_ name: String, _ patch: JSONValue) {
        state.withLock { state in
            _ = state.store((state.objects["argocd/\(name)"] ?? [:]).applying(mergePatch: patch))
        }
    }

    /// Has somebody else change an Application between the next reading and writing of it.
    func interfere(_ patches: JSONValue...) { state.withLock { $0.interference += patches } }

    /// Has all requests of a kind fail: `get`, `list`, `patch` or `event`.
    func fail(_ verb: String, _ message: String) { state.withLock { $0.failures[verb] = message } }

    /// Has all operations succeed as soon as they are asked for, as Argo CD would do it in the end.
    func sync() { state.withLock { $0.isSyncing = true } }

    subscript(name: String) -> JSONValue { state.withLock { $0.objects["argocd/\(name)"] ?? .null } }

    /// What was changed, in order.
    var patches: [JSONValue] { state.withLock(\.patches) }
    /// What was noted for people.
    var events: [Event] { state.withLock(\.events) }

    // MARK: What steps do

    private func check(_ verb: String) throws {
        if let message = state.withLock({ $0.failures[verb] }) { throw Failure(description: message) }
    }

    func application(_ name: String, namespace: String) async throws -> JSONValue? {
        try check("get")
        return state.withLock { $0.objects["\(namespace)/\(name)"] }
    }

    func applications(matching selector: LabelSelector, namespace: String) async throws -> [JSONValue] {
        try check("list")
        return state.withLock { state in
            state.objects.filter { $0.key.hasPrefix("\(namespace)/") }.sorted { $0.key < $1.key }.map(\.value)
                .filter { selector.matches($0[path: "metadata", "labels"]?.objectValue ?? [:]) }
        }
    }

    func patchApplication(_ name: String, namespace: String, _ patch: JSONValue) async throws -> JSONValue {
        try check("patch")
        return try state.withLock { state in
            let key = "\(namespace)/\(name)"
            if !state.interference.isEmpty {
                let foreign = state.interference.removeFirst()
                _ = state.store((state.objects[key] ?? [:]).applying(mergePatch: foreign))
            }
            guard let object = state.objects[key] else { throw Failure(description: "\(key) not found") }
            let version = patch[path: "metadata", "resourceVersion"]
            guard version == nil || version == object[path: "metadata", "resourceVersion"] else {
                throw ApplicationConflict()
            }
            state.patches.append(patch)
            return state.store(object.applying(mergePatch: patch, syncing: state.isSyncing))
        }
    }

    func recordEvent(_ event: Event) async throws {
        try check("event")
        state.withLock { $0.events.append(event) }
    }
}

extension JSONValue {
    /// The Application after a patch, and after the operation that the patch asks for.
    fileprivate func applying(mergePatch patch: JSONValue, syncing: Bool) -> JSONValue {
        var application = applying(mergePatch: patch)
        guard syncing, let operation = application["operation"] else { return application }
        let revision = application[path: "spec", "source", "targetRevision"] ?? ""
        application["operation"] = nil
        application[path: "status", "operationState"] = [
            "phase": "Succeeded", "operation": operation, "syncResult": ["revision": revision],
            "finishedAt": "2026-01-01T00:00:00Z",
        ]
        application[path: "status", "reconciledAt"] = "2026-01-01T00:00:01Z"
        application[path: "status", "sync"] = ["status": "Synced", "revision": revision]
        application[path: "status", "health"] = ["status": "Healthy"]
        return application
    }
}

extension LabelSelector {
    fileprivate func matches(_ labels: [String: JSONValue]) -> Bool {
        matchLabels.allSatisfy { labels[$0.key]?.stringValue == $0.value }
            && matchExpressions.allSatisfy { requirement in
                let value = labels[requirement.key]?.stringValue
                return switch requirement.operator {
                case "In": value.map(requirement.values.contains) ?? false
                case "NotIn": !(value.map(requirement.values.contains) ?? false)
                case "Exists": value != nil
                default: value == nil
                }
            }
    }
}
