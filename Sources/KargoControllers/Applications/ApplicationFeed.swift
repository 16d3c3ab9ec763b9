import KargoCore
public import KubernetesClient
import Logging

/// Tells of changes of Argo CD's Applications that may matter to Promotions and Stages.
///
/// A cluster that does not serve the kind is asked again now and then, so that Argo CD may be installed later.
public struct ApplicationFeed: Sendable {
    private let api: any KubernetesAPI
    private let namespace: String?
    private let backoff: Backoff

    /// Makes a feed.
    ///
    /// - Parameters:
    ///   - api: The cluster of Argo CD.
    ///   - namespace: The namespace to watch; nil for all.
    ///   - backoff: The pauses after failures.
    public init(
        api: any KubernetesAPI,
        namespace: String? = nil,
        backoff: Backoff = Backoff(first: .seconds(1), longest: .seconds(30))
    ) {
        self.api = api
        self.namespace = namespace
        self.backoff = backoff
    }

    /// Follows the cluster until the task is cancelled.
    ///
    /// - Throws: `CancellationError`.
    func run(logger: Logger, _ onChange: @escaping @Sendable (ArgoCDApplication) -> Void) async throws {
        try await waitUntilServed(logger)
        let informer = Informer<ArgoCDApplication>(
            api: api,
            resource: .applications,
            namespace: namespace,
            backoff: backoff,
            logger: logger
        ) { change in
            if case .updated(let old, let new) = change, !new.differs(from: old) { return }
            onChange(change.object)
        }
        try await informer.run()
    }

    private func waitUntilServed(_ logger: Logger) async throws {
        let path = APIResource.applications.path(namespace: namespace)
        var failures = 0
        while true {
            do {
                _ = try await api.object(APIRequest(.get, path, query: [("limit", "1")]))
                return
            } catch let error as KubernetesError where error.code == .notFound {
                if failures == 0 { logger.info("Argo CD is not installed; it is looked for from time to time") }
                try await backoff.pause(afterFailures: failures)
                failures += 1
            } catch is KubernetesError {
                // A failure that the watch tells of, and gets over.
                return
            }
        }
    }
}

extension ArgoCDApplication {
    /// Whether anything has changed that a step or a health check looks at.
    fileprivate func differs(from old: ArgoCDApplication) -> Bool {
        let (operation, before) = (status.operationState, old.status.operationState)
        return metadata.labels != old.metadata.labels || authorizedStages != old.authorizedStages
            || (self.operation == nil) != (old.operation == nil)
            || operation?.phase != before?.phase || operation?.finishedAt != before?.finishedAt
            || status.health != old.status.health || status.sync != old.status.sync
            || status.conditions != old.status.conditions || hasStaleHealth != old.hasStaleHealth
    }
}
