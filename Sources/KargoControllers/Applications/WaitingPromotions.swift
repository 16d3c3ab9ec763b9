import KargoCore
import KubernetesClient
import Synchronization

/// The Promotions that wait for Applications which need not know of it.
final class WaitingPromotions: Sendable {
    private static let step = "argocd-wait"

    private let state = Mutex<Set<ObjectKey>>([])

    var keys: Set<ObjectKey> { state.withLock { $0 } }

    func apply(_ change: ObjectChange<Promotion>) {
        let promotion = change.object
        let key = ObjectKey(promotion.metadata)
        var isWaiting = promotion.status.phase == .running && promotion.currentStep?.uses == Self.step
        if case .deleted = change { isWaiting = false }
        state.withLock { keys in
            if isWaiting { keys.insert(key) } else { keys.remove(key) }
        }
    }
}

extension Promotion {
    /// The step at which it is.
    fileprivate var currentStep: PromotionStep? {
        guard let index = Int(exactly: status.currentStep), spec.steps.indices.contains(index) else { return nil }
        return spec.steps[index]
    }
}
