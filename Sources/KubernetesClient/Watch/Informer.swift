public import KargoCore
public import Logging

/// Keeps an ``ObjectStore`` like the server's objects of one kind, by a list and a watch that goes on for ever.
///
/// ## Guarantees
/// A handler hears of changes in order and one at a time, each from the state that it heard of last. A watch that ends is taken
/// up where it was; where the server no longer keeps that version, the objects are listed again, and handlers hear of
/// the difference, deletions included.
///
/// ## Caveats
/// An object that can't be decoded is logged and left out. Objects come without `metadata.managedFields`.
public final class Informer<Object: KubernetesObject>: Sendable {
    /// The objects.
    public let store: ObjectStore<Object>

    private let api: any KubernetesAPI
    private let resource: APIResource
    private let namespace: String?
    private let options: ListOptions
    private let handler: @Sendable (ObjectChange<Object>) -> Void
    private let backoff: Backoff
    private let logger: Logger

    /// Makes an informer; it does nothing until it runs.
    ///
    /// - Parameters:
    ///   - type: What the objects are decoded as.
    ///   - api: The server.
    ///   - resource: The kind.
    ///   - namespace: The namespace; nil for all.
    ///   - options: Which objects.
    ///   - backoff: The pauses after failures.
    ///   - logger: Where failures are told.
    ///   - handler: Hears of every change; it must not block.
    public init(
        of type: Object.Type = Object.self,
        api: any KubernetesAPI,
        resource: APIResource,
        namespace: String? = nil,
        options: ListOptions = ListOptions(),
        backoff: Backoff = Backoff(first: .milliseconds(200), longest: .seconds(30)),
        logger: Logger,
        handler: @escaping @Sendable (ObjectChange<Object>) -> Void = { _ in }
    ) {
        store = ObjectStore()
        self.api = api
        self.resource = resource
        self.namespace = namespace
        self.options = options
        self.backoff = backoff
        self.logger = logger
        self.handler = handler
    }

    /// Follows the server until the task is cancelled.
    ///
    /// - Throws: `CancellationError`.
    public func run() async throws {
        var failures = 0
        var version: String?
        while true {
            do {
                let start = try await version == nil ? list() : version ?? ""
                version = start
                try await watch(from: start) { version = $0 }
                failures = 0
            } catch let error as CancellationError {
                throw error
            } catch {
                if (error as? KubernetesError)?.code == .expired { version = nil }
                try Task.checkCancellation()
                logger.info(
                    "watch interrupted",
                    metadata: ["kubernetes.resource": "\(resource.plural)", "error": "\(error)"]
                )
                try await backoff.pause(afterFailures: failures)
                failures += 1
            }
        }
    }

    private func list() async throws -> String {
        let list = try await api.list(resource, namespace: namespace, options: options)
        for change in store.replaceAll(list.items.compactMap(decode)) { handler(change) }
        return list.resourceVersion
    }

    private func watch(from version: String, _ noteVersion: (String) -> Void) async throws {
        try await api.watchLines(resource, namespace: namespace, options: options, from: version) { line in
            // What this process wrote itself is known already, and needs no reading.
            if let change = confirmed(line) {
                noteVersion(change.object.metadata.resourceVersion)
                handler(change)
            } else if let change = try read(line, noteVersion) {
                handler(change)
            }
        }
    }

    private func confirmed(_ line: [UInt8]) -> ObjectChange<Object>? {
        let identity = ["namespace", "name", "resourceVersion"].map { ["object", "metadata", $0] }
        guard let event = try? JSONValue(parsing: line, keeping: FieldOutline(identity + [["type"]])),
            event["type"] == "ADDED" || event["type"] == "MODIFIED"
        else { return nil }
        return event["object"].flatMap(store.confirm)
    }

    private func read(_ line: [UInt8], _ noteVersion: (String) -> Void) throws -> ObjectChange<Object>? {
        switch try WatchEvent(line: line, keeping: .withoutManagers) {
        case .bookmark(let version):
            noteVersion(version)
            return nil
        case .added(let value), .modified(let value):
            if let version = value[path: "metadata", "resourceVersion"]?.stringValue { noteVersion(version) }
            return decode(value).flatMap(store.apply)
        case .deleted(let value):
            if let version = value[path: "metadata", "resourceVersion"]?.stringValue { noteVersion(version) }
            return decode(value).flatMap(store.remove)
        }
    }

    private func decode(_ value: JSONValue) -> Object? {
        var value = value
        value[path: "metadata", "managedFields"] = nil
        do {
            return try JSONValueDecoder().decode(Object.self, from: value)
        } catch {
            let name = value[path: "metadata", "name"]?.stringValue ?? ""
            logger.warning(
                "object left out because it can't be decoded",
                metadata: ["kubernetes.resource": "\(resource.plural)", "name": "\(name)", "error": "\(error)"]
            )
            return nil
        }
    }
}
