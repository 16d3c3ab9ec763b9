import KargoCore
import KubernetesClient
import Logging
import Synchronization

/// Kargo's objects as the controllers see them, one watch of each kind for all of them.
final class KargoCache: Sendable {
    /// Finds Promotions by their Stage.
    private static let stageIndex = "stage"

    let promotions: ObjectStore<Promotion>
    let stages: ObjectStore<Stage>
    let freights: ObjectStore<Freight>
    let projects: ObjectStore<PartialObject>
    let namespaces: ObjectStore<Namespace>

    private let promotionInformer: Informer<Promotion>
    private let stageInformer: Informer<Stage>
    private let freightInformer: Informer<Freight>
    private let projectInformer: Informer<PartialObject>
    private let namespaceInformer: Informer<Namespace>
    private let subscribers: Subscribers

    /// Who hears of changes; complete before the cache runs.
    final class Subscribers: Sendable {
        struct Handlers: Sendable {
            var promotion: [@Sendable (ObjectChange<Promotion>) -> Void] = []
            var stage: [@Sendable (ObjectChange<Stage>) -> Void] = []
            var project: [@Sendable (ObjectChange<PartialObject>) -> Void] = []
            var namespace: [@Sendable (ObjectChange<Namespace>) -> Void] = []
        }

        private let handlers = Mutex(Handlers())

        func add(_ body: (inout Handlers) -> Void) { handlers.withLock { body(&$0) } }

        func tell(_ change: ObjectChange<Promotion>) {
            for handler in handlers.withLock(\.promotion) { handler(change) }
        }
        func tell(_ change: ObjectChange<Stage>) { for handler in handlers.withLock(\.stage) { handler(change) } }
        func tell(_ change: ObjectChange<PartialObject>) {
            for handler in handlers.withLock(\.project) { handler(change) }
        }
        func tell(_ change: ObjectChange<Namespace>) {
            for handler in handlers.withLock(\.namespace) { handler(change) }
        }
    }

    init(api: any KubernetesAPI, logger: Logger) {
        let subscribers = Subscribers()
        self.subscribers = subscribers
        promotionInformer = Informer(
            api: api,
            resource: .promotions,
            indexes: [
                ObjectIndex(Self.stageIndex) { promotion in
                    [ObjectKey(namespace: promotion.metadata.namespace, name: promotion.spec.stage).description]
                }
            ],
            logger: logger
        ) { subscribers.tell($0) }
        stageInformer = Informer(api: api, resource: .stages, logger: logger) { subscribers.tell($0) }
        freightInformer = Informer(api: api, resource: .freights, logger: logger)
        projectInformer = Informer(api: api, resource: .projects, logger: logger) { subscribers.tell($0) }
        namespaceInformer = Informer(
            api: api,
            resource: .namespaces,
            options: ListOptions(labelSelector: "\(KargoAPI.Label.project)=true"),
            logger: logger
        ) { subscribers.tell($0) }
        promotions = promotionInformer.store
        stages = stageInformer.store
        freights = freightInformer.store
        projects = projectInformer.store
        namespaces = namespaceInformer.store
    }

    /// Adds handlers; call before ``run()``.
    func subscribe(_ body: (inout Subscribers.Handlers) -> Void) { subscribers.add(body) }

    /// The Promotions of a Stage.
    func promotions(of stage: ObjectKey) -> [Promotion] { promotions.lookUp(Self.stageIndex, stage.description) }

    /// Follows the cluster until the task is cancelled.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.promotionInformer.run() }
            group.addTask { try await self.stageInformer.run() }
            group.addTask { try await self.freightInformer.run() }
            group.addTask { try await self.projectInformer.run() }
            group.addTask { try await self.namespaceInformer.run() }
            try await group.waitForAll()
        }
    }

    /// Whether everything is known that was there from the start.
    var isSynced: Bool {
        promotions.isSynced && stages.isSynced && freights.isSynced && projects.isSynced && namespaces.isSynced
    }

    /// How many Promotions there are, by phase.
    var promotionMetrics: ObjectCountMetrics {
        ObjectCountMetrics(
            "kargo_promotions",
            "Promotions, by phase.",
            label: "phase",
            sorts: ["Pending", "Running", "Succeeded", "Failed", "Errored", "Aborted", "Other"]
        ) { [promotions] in
            promotions.counts { ($0.status.phase ?? .pending).rawValue }
        }
    }

    /// Waits until everything is known that was there from the start.
    func waitUntilSynced() async {
        await promotions.waitUntilSynced()
        await stages.waitUntilSynced()
        await freights.waitUntilSynced()
        await projects.waitUntilSynced()
        await namespaces.waitUntilSynced()
    }
}
