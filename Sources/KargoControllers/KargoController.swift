public import KargoCore
public import KubernetesClient
public import Logging
public import PromotionsBridge

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Kargo's controllers: everything that makes Promotions happen.
public struct KargoController: Sendable {
    /// How the controllers are set up.
    public struct Configuration: Sendable {
        /// The shard they serve; empty for none.
        public var shardName: String
        /// Whether they also serve objects of no shard.
        public var isDefault: Bool
        /// Where users see Kargo.
        public var uiBaseURL: String
        /// How many Stages are looked at at a time.
        public var maximumStageConcurrency: Int

        /// Makes a configuration.
        public init(
            shardName: String = "",
            isDefault: Bool = true,
            uiBaseURL: String = "",
            maximumStageConcurrency: Int = 4
        ) {
            self.shardName = shardName
            self.isDefault = isDefault
            self.uiBaseURL = uiBaseURL
            self.maximumStageConcurrency = maximumStageConcurrency
        }

        /// What a controller of a kind is called: in Kargo the shard is in it.
        func controllerName(_ kind: String) -> String {
            "\(kind)-controller" + (shardName.isEmpty ? "" : "-\(shardName)")
        }
    }

    /// The most Promotions that are worked on at a time.
    ///
    /// They mostly wait; how many steps run is for the engine to limit.
    private static let maximumPromotions = 10_000
    /// How often it is looked for what nobody has cleaned up.
    static let sweepInterval = Duration.seconds(3600)

    private let api: any KubernetesAPI
    private let engine: any PromotionEngine
    private let configuration: Configuration
    private let checkers: HealthCheckers
    private let applications: ApplicationFeed?
    let operations: ControllerOperations
    private let logger: Logger
    private let now: @Sendable () -> Date
    private let clock: any Clock<Duration>

    /// Makes the controllers; they do nothing until they run.
    ///
    /// - Parameters:
    ///   - api: The cluster.
    ///   - engine: Runs the steps of Promotions.
    ///   - configuration: How the controllers are set up.
    ///   - checkers: Say how Stages are.
    ///   - applications: Tells of changes of Argo CD's Applications; nil to look at them from time to time only.
    ///   - operations: Learns how they are.
    ///   - logger: Where they tell what happens.
    ///   - now: The time of day.
    ///   - clock: What waiting is measured with.
    public init(
        api: any KubernetesAPI,
        engine: any PromotionEngine,
        configuration: Configuration,
        checkers: HealthCheckers = HealthCheckers(),
        applications: ApplicationFeed? = nil,
        operations: ControllerOperations = ControllerOperations(),
        logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() },
        clock: any Clock<Duration> = .continuous
    ) {
        self.api = api
        self.engine = engine
        self.configuration = configuration
        self.checkers = checkers
        self.applications = applications
        self.operations = operations
        self.logger = logger
        self.now = now
        self.clock = clock
    }

    /// Works until the task is cancelled.
    ///
    /// What goes on elsewhere goes on, and is taken up again by the next run.
    ///
    /// - Parameter onReady: Called when everything is known and the work begins.
    /// - Throws: `CancellationError`, and what `onReady` throws.
    public func run(onReady: @escaping @Sendable () async throws -> Void = {}) async throws {
        let cache = KargoCache(api: api, logger: logger)
        let writer = StatusWriter(api: api, clock: clock)
        let shard = Shard(name: configuration.shardName, isDefault: configuration.isDefault)
        let promotions = PromotionReconciler(
            cache: cache,
            engine: engine,
            writer: writer,
            shard: shard,
            uiBaseURL: configuration.uiBaseURL,
            now: now,
            logger: logger
        )
        let stages = StageReconciler(cache: cache, writer: writer, shard: shard, checkers: checkers, now: now)
        let projects = ProjectReconciler(cache: cache, api: api, writer: writer)
        let promotionLoop = ReconcileLoop<ObjectKey>(maximumConcurrency: Self.maximumPromotions, logger: logger) {
            try await promotions.reconcile($0)
        }
        let stageLoop = ReconcileLoop<ObjectKey>(
            maximumConcurrency: configuration.maximumStageConcurrency,
            logger: logger
        ) { try await stages.reconcile($0) }
        let projectLoop = ReconcileLoop<String>(maximumConcurrency: 4, logger: logger) {
            try await projects.reconcile($0)
        }
        promotions.subscribe(promotionLoop)
        stages.subscribe(stageLoop)
        projects.subscribe(projectLoop)
        operations.add(cache.promotionMetrics)
        operations.require("Kargo's objects") { cache.isSynced }
        defer { operations.note(.ending) }
        let waiting = WaitingPromotions()
        cache.subscribe { $0.promotion.append(waiting.apply) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await cache.run() }
            await cache.waitUntilSynced()
            await removeLeftovers(cache, isAtWork: false)
            if let applications {
                group.addTask {
                    try await applications.run(logger: logger) { application in
                        for stage in application.authorizedStages {
                            stageLoop.enqueue(stage)
                            guard let current = cache.stages.get(stage)?.status.currentPromotion else { continue }
                            promotionLoop.enqueue(ObjectKey(namespace: stage.namespace, name: current.name))
                        }
                        for promotion in waiting.keys { promotionLoop.enqueue(promotion) }
                    }
                }
            }
            group.addTask { await promotionLoop.run() }
            group.addTask { await stageLoop.run() }
            group.addTask { await projectLoop.run() }
            operations.watch(promotionLoop, configuration.controllerName("promotion"))
            operations.watch(stageLoop, configuration.controllerName("stage"))
            operations.watch(projectLoop, configuration.controllerName("project"))
            operations.note(.working)
            try await onReady()
            group.addTask {
                while true {
                    try await clock.sleep(for: Self.sweepInterval)
                    await removeLeftovers(cache, isAtWork: true)
                }
            }
            try await group.waitForAll()
        }
    }

    /// Cleans up after Promotions whose end nobody saw.
    private func removeLeftovers(_ cache: KargoCache, isAtWork: Bool) async {
        let active = cache.promotions.filter { $0.status.phase?.isTerminal != true }
        do {
            try await engine.removeLeftovers(keeping: Set(active.map(\.metadata.uid)), isAtWork: isAtWork)
        } catch {
            logger.warning("leftovers of finished Promotions not removed", metadata: ["error": "\(error)"])
        }
    }
}
