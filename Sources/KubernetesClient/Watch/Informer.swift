public import KargoCore
public import Logging

/// Keeps an ``ObjectStore`` like the server's objects of one kind, by a list and a watch that goes on for ever.
///
/// ## Guarantees
/// A handler hears of changes in order and one at a time, each from the state that it heard of last, and of each state
/// once. A watch that ends, breaks or falls silent is taken up where it was; where the server no longer keeps that
/// version, the objects are listed again, and handlers hear of the difference, deletions included: also of an object
/// that was deleted and made anew meanwhile. Who waits for the store to be synced goes on when the handler has heard of
/// the first list.
///
/// Of an object no more is kept than its type decodes, without `metadata.managedFields`.
///
/// ## Caveats
/// An object that can't be decoded is logged and left out; if it could be before, it is deleted for handlers.
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
    ///   - indexes: What objects are found by; see ``ObjectStore/lookUp(_:_:)``.
    ///   - backoff: The pauses after failures, and the clock.
    ///   - logger: Where failures are told.
    ///   - handler: Hears of every change; it must not block.
    public init(
        of type: Object.Type = Object.self,
        api: any KubernetesAPI,
        resource: APIResource,
        namespace: String? = nil,
        options: ListOptions = ListOptions(),
        indexes: [ObjectIndex<Object>] = [],
        backoff: Backoff = Backoff(first: .milliseconds(200), longest: .seconds(10)),
        logger: Logger,
        handler: @escaping @Sendable (ObjectChange<Object>) -> Void = { _ in }
    ) {
        store = ObjectStore(indexes: indexes)
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
        var hasExpired = false
        var version: String?
        while true {
            let start = backoff.elapsed()
            do {
                try await follow(from: &version)
                failures = 0
                hasExpired = false
            } catch let error as CancellationError {
                throw error
            } catch {
                let failure = error as? KubernetesError
                if failure?.code == .expired { version = nil }
                try Task.checkCancellation()
                logger.info(
                    "watch interrupted",
                    metadata: ["kubernetes.resource": "\(resource.plural)", "error": "\(error)"]
                )
                // One that has worked for a while does not count as another failure in a row.
                if backoff.elapsed() - start > .seconds(60) { failures = 0 }
                // A version that is too old is no failure of the server; the first time it is asked for all at once.
                if failure?.code == .expired, !hasExpired {
                    hasExpired = true
                    continue
                }
                hasExpired = false
                let pause = max(backoff.duration(afterFailures: failures), failure?.retryAfter ?? .zero)
                try await backoff.pause(for: pause)
                failures += 1
            }
        }
    }

    /// Lists if no version is known, and watches until the server ends the watch.
    private func follow(from version: inout String?) async throws {
        let start: String
        if let version {
            start = version
        } else {
            start = try await list()
            version = start
        }
        let began = backoff.elapsed()
        var newest = start
        defer { version = newest }
        var isIdle = true
        try await watch(from: start) {
            isIdle = false
            if !$0.isEmpty { newest = $0 }
        }
        // Servers end watches after minutes. What ends them at once would be asked again at once, and for ever.
        if isIdle, backoff.elapsed() - began < .seconds(1) {
            throw KubernetesError(.badResponse, "the watch was ended at once")
        }
    }

    private func list() async throws -> String {
        let list = try await api.list(resource, namespace: namespace, options: options)
        let changes = store.replaceAll(list.items.compactMap(decode), version: list.resourceVersion)
        for change in changes { handler(change) }
        // Not before: who waits for it may ask what a handler has made of the objects.
        store.noteSynced()
        return list.resourceVersion
    }

    private func watch(from version: String, _ noteVersion: (String) -> Void) async throws {
        // Or all clients of a server that is started would come back at once for ever.
        let timeout = Duration.seconds(Int.random(in: 300...600))
        try await api.watchLines(
            resource,
            namespace: namespace,
            options: options,
            from: version,
            timeout: timeout
        ) { line in
            // What this process wrote itself is known already, and needs no reading.
            if let change = confirmed(line) {
                noteVersion(change.object.metadata.resourceVersion)
                handler(change)
            } else {
                for change in try read(line, noteVersion) { handler(change) }
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

    private func read(_ line: [UInt8], _ noteVersion: (String) -> Void) throws -> [ObjectChange<Object>] {
        switch try WatchEvent(line: line, keeping: .withoutManagers) {
        case .bookmark(let version):
            noteVersion(version)
            return []
        case .added(let value), .modified(let value):
            noteVersion(value[path: "metadata", "resourceVersion"]?.stringValue ?? "")
            return decode(value).map(store.apply) ?? store.forget(ObjectKey(value))
        case .deleted(let value):
            noteVersion(value[path: "metadata", "resourceVersion"]?.stringValue ?? "")
            return decode(value).map(store.remove) ?? store.forget(ObjectKey(value))
        }
    }

    private func decode(_ value: JSONValue) -> Object? {
        var value = value
        // Lists come with it.
        if value[path: "metadata", "managedFields"] != nil { value[path: "metadata", "managedFields"] = nil }
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
