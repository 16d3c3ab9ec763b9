import KargoCore
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The status of a Promotion that is being run, as it is stored and as it shall be.
final class PromotionRecord: Sendable {
    private struct State {
        var promotion: Promotion
        /// What the server has.
        var stored: PromotionStatus
        var status: PromotionStatus
    }

    private let state: Mutex<State>

    init(_ promotion: Promotion) {
        state = Mutex(State(promotion: promotion, stored: promotion.status, status: promotion.status))
    }

    /// The Promotion, the status that is stored, and the one that shall be.
    var pending: (promotion: Promotion, old: PromotionStatus, new: PromotionStatus) {
        state.withLock { ($0.promotion, $0.stored, $0.status) }
    }

    var freightCollection: FreightCollection { state.withLock { $0.status.freightCollection ?? FreightCollection() } }

    /// The message of the step at which the Promotion is.
    var currentStepMessage: String { state.withLock { $0.status.stepExecutionMetadata.last?.message ?? "" } }

    /// Takes over what the server answered to a write.
    ///
    /// - Parameters:
    ///   - promotion: The Promotion.
    ///   - keepsStatus: Whether the write was about something other than the status.
    func stored(_ promotion: Promotion, keepsStatus: Bool) {
        state.withLock { state in
            state.promotion = promotion
            if !keepsStatus { state.stored = promotion.status }
        }
    }

    /// Begins to run, unless it has already.
    func begin(freight: Freight, stage: Stage, now: Date) {
        state.withLock { state in
            state.status.freight = freight.reference
            if let token = state.promotion.refreshToken { state.status.lastHandledRefresh = token }
            guard state.status.phase != .running else { return }
            state.status.phase = .running
            state.status.startedAt = KubernetesTime(now)
            state.status.message = ""
            state.status.freightCollection = stage.collection(after: freight)
        }
    }

    func note(_ progress: PromotionProgress) {
        state.withLock { state in
            state.status.currentStep = Int64(progress.currentStep)
            state.status.stepExecutionMetadata = progress.stepExecutionMetadata
            state.status.state = progress.state.isEmpty ? nil : .object(progress.state)
            state.status.healthChecks = progress.healthChecks
            state.status.message = ""
        }
    }

    func note(message: String) {
        state.withLock { $0.status.message = message }
    }

    func finish(phase: PromotionPhase, message: String, now: Date) {
        state.withLock { state in
            state.status.phase = phase
            state.status.message = message
            state.status.finishedAt = KubernetesTime(now)
        }
    }

    /// Gives up the outputs, which nobody needs after the end.
    func dropOutputs() {
        state.withLock { $0.status.state = $0.stored.state }
    }
}
