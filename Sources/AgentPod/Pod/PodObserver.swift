public import KargoCore
public import KubernetesClient
public import Logging

/// Knows all agent Pods and lets others wait for changes of one.
public final class PodObserver: Sendable {
    private let informer: Informer<Pod>
    private let changes = WaitList<ObjectKey>()

    /// Makes an observer; it knows nothing until it runs.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - logger: Where failures are told.
    public init(api: any KubernetesAPI, logger: Logger) {
        let changes = changes
        informer = Informer(
            api: api,
            resource: .pods,
            options: ListOptions(labelSelector: "\(KargoAPI.Label.promotionAgent)=true"),
            logger: logger
        ) { change in changes.wake(ObjectKey(change.object.metadata)) }
    }

    /// Follows the cluster until the task is cancelled.
    ///
    /// - Throws: `CancellationError`.
    public func run() async throws { try await informer.run() }

    /// Waits until all Pods are known.
    public func waitUntilSynced() async { await informer.store.waitUntilSynced() }

    /// Whether all Pods are known.
    public var isSynced: Bool { informer.store.isSynced }

    /// How many agent Pods there are in each phase.
    public var phases: [String: Int] { informer.store.counts { $0.status.phase } }

    /// The Pod of a key, as far as is known.
    public func pod(_ key: ObjectKey) -> Pod? { informer.store.get(key) }

    /// All agent Pods.
    public var all: [Pod] { informer.store.all }

    /// Waits until the Pod of a key is other than a known state, or the task is cancelled.
    ///
    /// - Parameters:
    ///   - key: The Pod.
    ///   - version: The resource version of the known state; nil if there was no Pod.
    public func waitForChange(of key: ObjectKey, from version: String?) async {
        await changes.wait(for: key) { pod(key)?.metadata.resourceVersion != version }
    }
}
