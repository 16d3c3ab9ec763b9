import KargoCore
import KubernetesClient
import Logging

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lets the Promotions of a Stage run one after the other, and keeps account of the Freight that it has.
final class StageReconciler: Sendable {
    /// When to check again what nobody has told a change of.
    private static let healthyInterval = Duration.seconds(300)
    private static let unhealthyInterval = Duration.seconds(30)

    private let cache: KargoCache
    private let writer: StatusWriter
    private let shard: Shard
    private let checkers: HealthCheckers
    private let now: @Sendable () -> Date

    init(
        cache: KargoCache,
        writer: StatusWriter,
        shard: Shard,
        checkers: HealthCheckers,
        now: @escaping @Sendable () -> Date
    ) {
        self.cache = cache
        self.writer = writer
        self.shard = shard
        self.checkers = checkers
        self.now = now
    }

    /// Lets a loop hear of everything that concerns Stages.
    func subscribe(_ loop: ReconcileLoop<ObjectKey>) {
        cache.subscribe { handlers in
            handlers.stage.append { [shard] change in
                let stage = change.object
                if case .updated(let old, _) = change, old.metadata.generation == stage.metadata.generation,
                    shard.serves(old.metadata) == shard.serves(stage.metadata)
                {
                    return
                }
                loop.enqueue(ObjectKey(stage.metadata))
            }
            handlers.promotion.append { change in
                let promotion = change.object
                if case .updated(let old, _) = change, old.status.phase == promotion.status.phase { return }
                loop.enqueue(ObjectKey(namespace: promotion.metadata.namespace, name: promotion.spec.stage))
            }
        }
    }

    func reconcile(_ key: ObjectKey) async throws -> ReconcileAction {
        guard let stage = cache.stages.get(key), shard.serves(stage.metadata), !stage.isControlFlow,
            stage.metadata.deletionTimestamp == nil
        else { return .awaitChange }
        let account = StageAccount(stage, promotions: cache.promotions(of: key), now: now())
        let checks = account.healthChecks
        let status = account.status(health: checks.isEmpty ? nil : try await checkers.check(checks))
        try await updateFreight(of: stage, status)
        if let stored = try await writer.write(stage, .stages, from: stage.status, to: status) {
            cache.stages.note(stored)
        }
        guard !checks.isEmpty, status.currentPromotion == nil else { return .awaitChange }
        return .requeue(after: status.health?.state == .healthy ? Self.healthyInterval : Self.unhealthyInterval)
    }

    /// Writes on Freight where it is and by whom it is verified.
    private func updateFreight(of stage: Stage, _ status: StageStatus) async throws {
        let name = stage.metadata.name
        let before = Set(stage.status.freightHistory.first?.items.values.map(\.name) ?? [])
        let current = status.freightHistory.first
        let after = Set(current?.items.values.map(\.name) ?? [])
        let isVerified = current?.verificationHistory.contains { $0.phase == VerificationInfo.successful } ?? false
        let moment = now()
        for freightName in before.union(after).sorted() {
            let key = ObjectKey(namespace: stage.metadata.namespace, name: freightName)
            guard let freight = cache.freights.get(key) else { continue }
            var new = freight.status
            if after.contains(freightName) {
                if new.currentlyIn[name] == nil { new.currentlyIn[name] = .init(since: KubernetesTime(moment)) }
                if isVerified, new.verifiedIn[name] == nil {
                    new.verifiedIn[name] = .init(verifiedAt: KubernetesTime(moment))
                }
            } else if let since = new.currentlyIn.removeValue(forKey: name)?.since?.date {
                let soak = GoDuration(.seconds(moment.timeIntervalSince(since)))
                if let longest = new.verifiedIn[name]?.longestSoak
                    ?? (new.verifiedIn[name] == nil ? nil : GoDuration()),
                    soak > longest
                {
                    new.verifiedIn[name]?.longestSoak = soak
                }
            }
            if let stored = try await writer.write(freight, .freights, from: freight.status, to: new) {
                cache.freights.note(stored)
            }
        }
    }
}
