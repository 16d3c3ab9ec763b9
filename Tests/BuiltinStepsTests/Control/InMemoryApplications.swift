import KargoCore
import Synchronization

/// Applications of Argo CD in memory, without anything that acts on them.
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
            return state.store(object.applying(mergePatch: patch))
        }
    }

    func recordEvent(_ event: Event) async throws {
        try check("event")
        state.withLock { $0.events.append(event) }
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

/// Kargo's objects in memory, as far as steps write them.
final class InMemoryControlPlane: ControlPlaneAccess {
    struct State {
        var metadata: [MetadataTarget: [String: JSONValue]] = [:]
        var aliases: [String: String] = [:]
        var events: [Event] = []
        var failure: String?
    }

    private let state: Mutex<State>

    init(_ state: State = State()) { self.state = Mutex(state) }

    var value: State { state.withLock { $0 } }

    private func changing<Result: Sendable>(_ body: (inout sending State) throws -> sending Result) throws -> Result {
        try state.withLock { state in
            if let failure = state.failure { throw ControlPlaneFailure(failure) }
            return try body(&state)
        }
    }

    func warehouse(_ name: String, project: String) async throws -> Warehouse? { nil }

    func setMetadata(_ values: [String: JSONValue], of target: MetadataTarget, project: String) async throws {
        try changing { $0.metadata[target, default: [:]].merge(values) { $1 } }
    }

    func setFreightAlias(_ alias: String, of freight: String, project: String) async throws -> String {
        try changing { state in
            guard let old = state.aliases[freight] else { throw ControlPlaneFailure("there is no Freight \(freight)") }
            state.aliases[freight] = alias
            return old
        }
    }

    func recordEvent(_ event: Event) async throws {
        try changing { state in
            guard !state.events.contains(where: { $0.metadata.name == event.metadata.name }) else { return }
            state.events.append(event)
        }
    }
}
