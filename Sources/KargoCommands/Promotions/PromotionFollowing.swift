import ControlPlane
import KargoCore
import KubernetesClient
import Synchronization

/// Follows a Promotion until it has ended.
struct PromotionFollowing {
    let api: any KubernetesAPI
    let name: String
    let project: String
    /// The pauses after failures of the cluster, which a Promotion outlives.
    var backoff = Backoff(first: .milliseconds(500), longest: .seconds(10))
    /// Hears of failures that are not the end.
    var onInterruption: @Sendable (KubernetesError) -> Void = { Console.warn("\($0); trying again") }

    private enum Event {
        case ended(PromotionPhase)
        case timedOut
    }

    /// Shows every state until the Promotion has ended.
    ///
    /// - Parameters:
    ///   - timeout: How long to wait; nil for as long as it takes.
    ///   - view: What shows the states, again every second.
    /// - Returns: How it ended.
    /// - Throws: ``CommandError`` when the time is over or the Promotion is gone, and what the cluster refuses.
    func run(timeout: Duration?, view: any PromotionView) async throws -> PromotionPhase {
        let latest = Latest()
        return try await withThrowingTaskGroup(of: Event.self) { group in
            group.addTask {
                .ended(
                    try await follow { promotion in
                        latest.value.withLock { $0 = promotion }
                        view.show(promotion)
                    }
                )
            }
            if let timeout {
                group.addTask {
                    try await Task.sleep(for: timeout)
                    return .timedOut
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: .seconds(1))
                    latest.value.withLock { $0.map(view.show) }
                }
            }
            defer { group.cancelAll() }
            guard case .ended(let phase) = try await group.next() else {
                throw CommandError(
                    "Promotion \"\(name)\" has not ended in time; it goes on, and \"kargo get promotion \(name) -p "
                        + "\(project)\" says how it stands"
                )
            }
            return phase
        }
    }

    /// The state that was shown last.
    private final class Latest: Sendable {
        let value = Mutex<Promotion?>(nil)
    }

    /// Hands every state on until one is the end, through interruptions of the cluster.
    private func follow(_ onState: (Promotion) -> Void) async throws -> PromotionPhase {
        var failures = 0
        while true {
            do {
                if let phase = try await followOnce({
                    onState($0)
                    failures = 0
                }) {
                    return phase
                }
            } catch let error as KubernetesError where error.isTransient || error.code == .expired {
                if failures == 0, error.code != .expired { onInterruption(error) }
                failures += 1
            }
            try await backoff.pause(afterFailures: failures)
        }
    }

    /// Reads the Promotion and watches it until the watch ends; nil if that comes first.
    private func followOnce(_ onState: (Promotion) -> Void) async throws -> PromotionPhase? {
        let objects = KargoObjects(api: api)
        let current = try await objects.namedPromotion(name, project: project)
        onState(current)
        if let phase = current.status.phase, phase.isTerminal { return phase }
        do {
            try await api.watch(
                .promotions,
                namespace: project,
                options: ListOptions(fieldSelector: "metadata.name=\(name)"),
                from: current.metadata.resourceVersion
            ) { event in
                switch event {
                case .bookmark: return
                case .deleted:
                    throw CommandError("Promotion \"\(name)\" was deleted before it ended; create another one")
                case .added(let value), .modified(let value):
                    let promotion = try objects.decode(Promotion.self, value)
                    onState(promotion)
                    if let phase = promotion.status.phase, phase.isTerminal { throw Ended(phase: phase) }
                }
            }
        } catch let end as Ended {
            return end.phase
        }
        return nil
    }

    /// Leaves a watch.
    private struct Ended: Error {
        let phase: PromotionPhase
    }
}
