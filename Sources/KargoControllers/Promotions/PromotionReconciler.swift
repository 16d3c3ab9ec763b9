import KargoCore
import KubernetesClient
import Logging
import PromotionsBridge
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Brings Promotions from their creation to their end.
///
/// A Promotion runs when its Stage names it as the current one. It is worked on as long as there is something to do; an
/// abort or a deletion cuts that short.
final class PromotionReconciler: Sendable {
    private let cache: KargoCache
    private let engine: any PromotionEngine
    private let writer: StatusWriter
    private let shard: Shard
    private let uiBaseURL: String
    private let now: @Sendable () -> Date
    private let logger: Logger
    /// When what a Promotion asks of the cluster began to fail, by its UID.
    private let troubles = Mutex<[String: Date]>([:])
    /// For how many seconds that may go on.
    private static let patience = 600.0
    /// Promotions that are over but not yet cleaned up after.
    private let leftovers = Mutex<[ObjectKey: (promotion: Promotion, ending: PromotionEnding)]>([:])

    init(
        cache: KargoCache,
        engine: any PromotionEngine,
        writer: StatusWriter,
        shard: Shard,
        uiBaseURL: String,
        now: @escaping @Sendable () -> Date,
        logger: Logger
    ) {
        self.cache = cache
        self.engine = engine
        self.writer = writer
        self.shard = shard
        self.uiBaseURL = uiBaseURL
        self.now = now
        self.logger = logger
    }

    /// Lets a loop hear of everything that concerns Promotions.
    func subscribe(_ loop: ReconcileLoop<ObjectKey>) {
        cache.subscribe { handlers in
            handlers.promotion.append { [self] change in
                let promotion = change.object
                let key = ObjectKey(promotion.metadata)
                switch change {
                case .added: loop.enqueue(key)
                case .deleted:
                    // One that was over was cleaned up after, or waits for it.
                    if shard.serves(promotion.metadata), promotion.status.phase?.isTerminal != true {
                        leftovers.withLock { $0[key] = (promotion, .interrupted) }
                    }
                    loop.interrupt(key)
                case .updated(let old, _):
                    // Work that is another shard's now ends here; work that was another's begins.
                    if shard.serves(old.metadata) != shard.serves(promotion.metadata) { loop.interrupt(key) }
                    if promotion.abortAction != nil, old.abortAction == nil { loop.interrupt(key) }
                    if promotion.metadata.deletionTimestamp != nil { loop.interrupt(key) }
                    if promotion.refreshToken != old.refreshToken { loop.enqueue(key) }
                }
            }
            handlers.stage.append { change in
                guard let current = change.object.status.currentPromotion?.name else { return }
                if case .updated(let old, _) = change, old.status.currentPromotion?.name == current { return }
                loop.enqueue(ObjectKey(namespace: change.object.metadata.namespace, name: current))
            }
        }
    }

    func reconcile(_ key: ObjectKey) async throws -> ReconcileAction {
        if let left = leftovers.withLock({ $0[key] }) { try await end(left.promotion, left.ending, key) }
        guard let promotion = cache.promotions.get(key), shard.serves(promotion.metadata) else { return .awaitChange }
        if promotion.status.phase?.isTerminal == true { return .awaitChange }
        if promotion.metadata.deletionTimestamp != nil {
            try await end(promotion, .interrupted)
            return .awaitChange
        }
        if promotion.abortAction == AbortRequest.terminate {
            try await abort(promotion)
            return .awaitChange
        }
        let stageKey = ObjectKey(namespace: key.namespace, name: promotion.spec.stage)
        guard let stage = cache.stages.get(stageKey), stage.status.currentPromotion?.name == key.name else {
            // Its turn comes when the Stage names it.
            if promotion.status.phase == nil {
                var status = promotion.status
                status.phase = .pending
                try await write(promotion, status)
            }
            return .awaitChange
        }
        return try await run(promotion, stage)
    }

    // MARK: Running

    private func run(_ promotion: Promotion, _ stage: Stage) async throws -> ReconcileAction {
        let record = PromotionRecord(promotion)
        do {
            return try await run(promotion, stage, record)
        } catch let error as KubernetesError where error.code == .invalid {
            return try await finish(record, phase: .errored, message: "the status can't be stored: \(error.message)")
        }
    }

    private func run(_ promotion: Promotion, _ stage: Stage, _ record: PromotionRecord) async throws -> ReconcileAction
    {
        let moment = now()
        let freightKey = ObjectKey(namespace: promotion.metadata.namespace, name: promotion.spec.freight ?? "")
        guard let freight = try await freight(freightKey, for: stage, at: moment) else {
            return try await finish(record, phase: .errored, message: "Freight \"\(freightKey.name)\" does not exist")
        }
        guard stage.isAvailable(freight, at: moment) else {
            return try await finish(
                record,
                phase: .errored,
                message: "Freight \"\(freightKey.name)\" is not available to Stage \"\(stage.metadata.name)\""
            )
        }
        record.begin(freight: freight, stage: stage, now: moment)
        let metadata = logMetadata(promotion)
        logger.info(promotion.status.phase == .running ? "Promotion goes on" : "Promotion begins", metadata: metadata)
        let context = PromotionContext(
            promotion,
            stage: stage,
            freight: freight,
            collection: record.freightCollection,
            uiBaseURL: uiBaseURL
        )
        let hooks = PromotionRunHooks(
            record: { [self] progress in
                record.note(progress)
                try await store(record)
            },
            note: { [self] message in
                record.note(message: message)
                do {
                    try await store(record)
                } catch {
                    logger.info("message not stored", metadata: ["promotion.name": "\(promotion.metadata.name)"])
                }
            },
            annotate: { [self] annotations in
                let values = annotations.mapValues(JSONValue.string)
                let stored = try await writer.send(
                    promotion,
                    .promotions,
                    ["metadata": ["annotations": .object(values)]]
                )
                cache.promotions.note(stored)
                record.stored(stored, keepsStatus: true)
            }
        )
        let run = PromotionRun(promotion: promotion, context: context, hooks: hooks)
        let result: PromotionRunResult
        do {
            result = try await engine.run(run)
        } catch let error as CancellationError {
            throw error
        } catch let error as KubernetesError {
            return try await cope(with: error, record)
        } catch {
            return try await finish(record, phase: .errored, message: String(describing: error))
        }
        troubles.withLock { $0[promotion.metadata.uid] = nil }
        record.note(result.progress)
        switch result.outcome {
        case .finished(let phase, let message): return try await finish(record, phase: phase, message: message)
        case .running(let after):
            record.note(message: record.currentStepMessage)
            try await store(record)
            return .requeue(after: after)
        case .retrying(let within):
            record.note(message: record.currentStepMessage)
            try await store(record)
            return .backOff(within: within)
        }
    }

    /// The Freight of a key; as the server has it where by the cache, which hears of Freight on its own, the Promotion
    /// would have to end.
    private func freight(_ key: ObjectKey, for stage: Stage, at moment: Date) async throws -> Freight? {
        let known = cache.freights.get(key)
        if let known, stage.isAvailable(known, at: moment) { return known }
        guard !key.name.isEmpty else { return nil }
        do {
            let value = try await writer.api.get(.freights, namespace: key.namespace, name: key.name)
            guard let freight = try? JSONValueDecoder().decode(Freight.self, from: value) else { return known }
            // A name that is none may lead elsewhere.
            return ObjectKey(freight.metadata) == key ? freight : nil
        } catch let error as KubernetesError where error.code == .notFound || error.code == .badRequest {
            return nil
        }
    }

    /// Ends a Promotion for which the cluster does not do what it must: at once if that is final, else if it goes on.
    private func cope(with error: KubernetesError, _ record: PromotionRecord) async throws -> ReconcileAction {
        let promotion = record.pending.promotion
        // That of a status is told below; what is gone needs no message.
        guard error.code != .invalid, error.code != .notFound, !error.isTransient else { throw error }
        let moment = now()
        let began = troubles.withLock { troubles in
            let began = troubles[promotion.metadata.uid] ?? moment
            troubles[promotion.metadata.uid] = began
            return began
        }
        let sentence = "the cluster refuses: \(error.sentence(inProject: promotion.metadata.namespace))"
        if error.isFinal || moment.timeIntervalSince(began) >= Self.patience {
            return try await finish(record, phase: .errored, message: sentence)
        }
        record.note(message: sentence)
        try await store(record)
        throw error
    }

    private func store(_ record: PromotionRecord) async throws {
        let (promotion, old, new) = record.pending
        if let stored = try await write(promotion, from: old, to: new) {
            record.stored(stored, keepsStatus: false)
        }
    }

    // MARK: Endings

    private func finish(
        _ record: PromotionRecord,
        phase: PromotionPhase,
        message: String
    ) async throws -> ReconcileAction {
        record.finish(phase: phase, message: message, now: now())
        do {
            try await store(record)
        } catch let error as KubernetesError where error.code == .invalid && phase != .errored {
            // Outputs too large, most likely: the end must be told all the same.
            record.dropOutputs()
            record.finish(phase: .errored, message: "the status can't be stored: \(error.message)", now: now())
            try await store(record)
        }
        let promotion = record.pending.promotion
        tellEnd(promotion, phase, message)
        try await end(promotion, .finished)
        return .awaitChange
    }

    private func tellEnd(_ promotion: Promotion, _ phase: PromotionPhase, _ message: String) {
        var metadata = logMetadata(promotion)
        metadata["promotion.phase"] = "\(phase.rawValue)"
        if !message.isEmpty { metadata["promotion.message"] = "\(message)" }
        logger.info("Promotion ended", metadata: metadata)
    }

    private func logMetadata(_ promotion: Promotion) -> Logger.Metadata {
        let name = "\(promotion.metadata.namespace)/\(promotion.metadata.name)"
        return ["promotion.name": "\(name)", "stage.name": "\(promotion.spec.stage)"]
    }

    private func abort(_ promotion: Promotion) async throws {
        var status = promotion.status
        let actor = promotion.abortRequest?.actor ?? ""
        let moment = KubernetesTime(now())
        status.phase = .aborted
        status.finishedAt = moment
        status.message = actor.isEmpty ? "aborted" : "aborted by \(actor)"
        if let last = status.stepExecutionMetadata.indices.last, status.stepExecutionMetadata[last].finishedAt == nil,
            status.stepExecutionMetadata[last].status == .running
        {
            status.stepExecutionMetadata[last].status = .aborted
            status.stepExecutionMetadata[last].finishedAt = moment
        }
        try await write(promotion, status)
        tellEnd(promotion, .aborted, status.message)
        try await end(promotion, .interrupted)
    }

    private func write(_ promotion: Promotion, _ status: PromotionStatus) async throws {
        _ = try await write(promotion, from: promotion.status, to: status)
    }

    private func write(
        _ promotion: Promotion,
        from old: PromotionStatus,
        to new: PromotionStatus
    ) async throws -> Promotion? {
        // What a controller sent that was killed may come after what its successor has written: no such write may
        // bring back to life what has ended.
        let begins = old.phase != new.phase && new.phase?.isTerminal != true
        let stored = try await writer.write(promotion, .promotions, from: old, to: new, ifUnchanged: begins)
        if let stored { cache.promotions.note(stored) }
        return stored
    }

    /// Cleans up; if that fails, the loop comes back for it.
    private func end(_ promotion: Promotion, _ ending: PromotionEnding) async throws {
        let key = ObjectKey(promotion.metadata)
        // The annotations say what there is to clean up, and the newest have all of them.
        let newest = cache.promotions.get(key) ?? promotion
        leftovers.withLock { $0[key] = (newest, ending) }
        try await end(newest, ending, key)
    }

    private func end(_ promotion: Promotion, _ ending: PromotionEnding, _ key: ObjectKey) async throws {
        do {
            try await engine.end(promotion, ending)
        } catch let error as KubernetesError
            where error.code == .forbidden && cache.promotions.get(key)?.metadata.uid != promotion.metadata.uid
        {
            // Its Project is being deleted, and with it the right to work there. What belongs to the Promotion goes too.
            logger.info("left to the cluster", metadata: ["promotion.name": "\(key)", "error": "\(error)"])
        }
        _ = leftovers.withLock { $0.removeValue(forKey: key) }
        troubles.withLock { $0[promotion.metadata.uid] = nil }
    }
}

extension Promotion {
    /// What asks for another look at it, whatever the time.
    var refreshToken: String? { metadata.annotations[KargoAPI.Annotation.refresh] }

    /// The request to end it, if there is one.
    fileprivate var abortRequest: AbortRequest? {
        metadata.annotations[KargoAPI.Annotation.abort].map(AbortRequest.init(annotation:))
    }

    /// What the request asks for; nil for one that asks for nothing.
    fileprivate var abortAction: String? {
        guard let action = abortRequest?.action, !action.isEmpty else { return nil }
        return action
    }
}
