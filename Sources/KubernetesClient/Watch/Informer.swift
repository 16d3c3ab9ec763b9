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
/// An object that can't be decoded is logged and left out.
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
        try await api.watch(resource, namespace: namespace, options: options, from: version) { event in
            let change: ObjectChange<Object>?
            switch event {
            case .bookmark(let version):
                noteVersion(version)
                return
            case .added(let value), .modified(let value):
                noteVersion(value[path: "metadata", "resourceVersion"]?.stringValue ?? version)
                // What this process wrote itself is known already, and needs no decoding.
                change = store.confirm(value) ?? decode(value).flatMap(store.apply)
            case .deleted(let value):
                noteVersion(value[path: "metadata", "resourceVersion"]?.stringValue ?? version)
                change = decode(value).flatMap(store.remove)
            }
            if let change { handler(change) }
        }
    }

    private func decode(_ value: JSONValue) -> Object? {
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
