import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What the status of a Stage should be, given its Promotions.
///
/// One Promotion at a time is the current one, in the order of their names, which is that of their making. A finished
/// one is recorded; one that succeeded brings its Freight into the history. The next one has to wait until Freight that
/// is healthy has been verified.
///
/// How the Stage is takes asking others, so the account is made in two halves: ``init(_:promotions:now:)`` records what
/// has happened and says which ``healthChecks`` are due; ``status(health:)`` draws the conclusions.
struct StageAccount {
    private static let longestHistory = 10

    private let stage: Stage
    private let now: Date
    private let head: Promotion?
    private var status: StageStatus

    init(_ stage: Stage, promotions: [Promotion], now: Date) {
        self.stage = stage
        self.now = now
        status = stage.status
        head = Self.queue(promotions).first
        if head?.metadata.name != status.currentPromotion?.name || head?.isOver == true {
            status.currentPromotion = nil
            recordFinished(promotions)
        }
    }

    /// The checks that say how the Stage is: those of the last Promotion, if that succeeded and none is current.
    var healthChecks: [HealthCheckStep] {
        guard status.currentPromotion == nil, !status.freightHistory.isEmpty,
            let last = status.lastPromotion?.status, last.phase == .succeeded
        else { return [] }
        return last.healthChecks
    }

    /// What the status should be.
    ///
    /// - Parameter health: What came of the ``healthChecks``; nil if there are none.
    /// - Returns: The status.
    func status(health: StageHealth?) -> StageStatus {
        var account = self
        account.conclude(health)
        return account.status
    }

    private mutating func conclude(_ health: StageHealth?) {
        if status.currentPromotion == nil {
            assessHealth(health)
            verify()
            if let head, !head.isOver, !isVerificationPending {
                status.currentPromotion = PromotionReference(
                    name: head.metadata.name,
                    freight: head.status.freight ?? Self.freight(of: head)
                )
            }
        }
        status.freightSummary = freightSummary
        updateConditions()
        status.observedGeneration = stage.metadata.generation
    }

    /// Running ones first, then waiting ones in order, then finished ones, the newest first.
    private static func queue(_ promotions: [Promotion]) -> [Promotion] {
        func rank(_ promotion: Promotion) -> Int {
            promotion.status.phase == .running ? 0 : promotion.isOver ? 2 : 1
        }
        return promotions.sorted { first, second in
            if rank(first) != rank(second) { return rank(first) < rank(second) }
            let isInOrder = first.metadata.name < second.metadata.name
            return first.isOver ? !isInOrder && first.metadata.name != second.metadata.name : isInOrder
        }
    }

    private static func freight(of promotion: Promotion) -> FreightReference {
        var reference = FreightReference()
        reference.name = promotion.spec.freight ?? ""
        return reference
    }

    // MARK: Finished Promotions

    private mutating func recordFinished(_ promotions: [Promotion]) {
        let last = status.lastPromotion?.name ?? ""
        // Only up to the first that is not over: what is recorded later than a younger one would never be recorded.
        let finished = promotions.filter { $0.metadata.name > last }
            .sorted { $0.metadata.name < $1.metadata.name }
            .prefix(while: \.isOver)
        for promotion in finished {
            var record = PromotionReference(name: promotion.metadata.name, freight: promotion.status.freight)
            record.status = promotion.status
            record.finishedAt = promotion.status.finishedAt
            // One that never began leaves the Freight as it was.
            if record.status?.freightCollection == nil {
                record.status?.freightCollection = status.lastPromotion?.status?.freightCollection
            }
            status.lastPromotion = record
            guard promotion.status.phase == .succeeded, let collection = promotion.status.freightCollection else {
                continue
            }
            if status.freightHistory.first?.id != collection.id {
                status.freightHistory.insert(collection, at: 0)
                status.freightHistory.removeLast(max(0, status.freightHistory.count - Self.longestHistory))
            }
            status.health = nil
        }
    }

    // MARK: Health and verification

    private mutating func assessHealth(_ health: StageHealth?) {
        guard let last = status.lastPromotion, !status.freightHistory.isEmpty, last.status?.phase == .succeeded else {
            status.health = StageHealth(.unknown)
            return
        }
        status.health = health ?? StageHealth(.healthy)
    }

    /// A Stage without tests verifies what it has by having it.
    private mutating func verify() {
        guard status.health?.status == "Healthy", var collection = status.freightHistory.first,
            collection.verificationHistory.isEmpty
        else { return }
        var record = VerificationInfo()
        record.id = UUID().uuidString.lowercased()
        record.startTime = KubernetesTime(now)
        record.finishTime = record.startTime
        if stage.spec.verification == nil {
            record.phase = VerificationInfo.successful
        } else {
            record.phase = "Error"
            record.message = "verification needs Argo Rollouts, which this controller is not connected to"
        }
        collection.verificationHistory.insert(record, at: 0)
        status.freightHistory[0] = collection
    }

    /// Whether the next Promotion has to wait.
    private var isVerificationPending: Bool {
        guard let current = status.freightHistory.first else { return false }
        if let newest = current.verificationHistory.first { return !newest.isTerminal }
        return status.health == nil || status.health?.status == "Healthy"
    }

    private var freightSummary: String {
        let requested = stage.spec.requestedFreight.count
        let items = status.freightHistory.first?.items ?? [:]
        if requested == 1, let only = items.values.first { return only.name }
        return "\(items.count)/\(requested) Fulfilled"
    }

    // MARK: Conditions

    private mutating func updateConditions() {
        if let current = status.currentPromotion {
            status.health = StageHealth(.unknown)
            set("Promoting", true, "ActivePromotion", "Promotion \"\(current.name)\" is the current one")
            set("Ready", false, "ActivePromotion", "Promotion \"\(current.name)\" is the current one")
            return
        }
        status.conditions.removeAll { $0.type == "Promoting" }
        let isHealthy = status.health?.status == "Healthy"
        let hasFreight = !status.freightHistory.isEmpty
        set(
            "Healthy",
            isHealthy,
            hasFreight ? status.health?.status ?? "Unknown" : "NoFreight",
            hasFreight
                ? status.health?.issues.first ?? "the Stage is \(status.health?.status ?? "Unknown")"
                : "the Stage has no Freight"
        )
        let verified = status.freightHistory.first?.verificationHistory
            .contains {
                $0.phase == VerificationInfo.successful
            }
        set(
            "Verified",
            verified ?? false,
            verified == true ? "Verified" : "NotVerified",
            verified == true ? "the Freight is verified" : "the Freight is not verified"
        )
        if let last = status.lastPromotion, let phase = last.status?.phase, phase != .succeeded {
            set(
                "Ready",
                false,
                "LastPromotion\(phase.rawValue)",
                "Promotion \"\(last.name)\" \(phase.rawValue.lowercased()): \(last.status?.message ?? "")"
            )
        } else if let problem = status.conditions.first(where: { $0.type != "Ready" && $0.status != "True" }) {
            set("Ready", false, problem.reason, problem.message)
        } else {
            set("Ready", true, "Verified", "the Freight is verified")
        }
    }

    private mutating func set(_ type: String, _ isTrue: Bool, _ reason: String, _ message: String) {
        var condition = Condition()
        condition.type = type
        condition.status = isTrue ? "True" : "False"
        condition.reason = reason
        condition.message = String(message.prefix(32_768))
        condition.observedGeneration = stage.metadata.generation
        let index = status.conditions.firstIndex { $0.type == type }
        let old = index.map { status.conditions[$0] }
        condition.lastTransitionTime =
            old?.status == condition.status ? old?.lastTransitionTime : KubernetesTime(now)
        if let index { status.conditions[index] = condition } else { status.conditions.append(condition) }
    }
}

extension Promotion {
    fileprivate var isOver: Bool { status.phase?.isTerminal ?? false }
}
