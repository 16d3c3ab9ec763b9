import KargoCore
import KubernetesClient

extension KubernetesAgentRuntime {
    /// Deletes the Pods of Promotions that have ended or are gone.
    ///
    /// - Throws: What the last Pod that could not be deleted was kept by; the others are.
    public func removeLeftovers(keeping uids: Set<String>) async throws {
        await observer.waitUntilSynced()
        var failure: (any Error)?
        for pod in observer.all where pod.metadata.deletionTimestamp == nil {
            guard let uid = pod.metadata.annotations[KargoAPI.Annotation.promotionUID], !uids.contains(uid) else {
                continue
            }
            do {
                try await removeLeftover(pod)
            } catch let error as KubernetesError {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Deletes a Pod if its Promotion is over; a server that has no time just now is asked again.
    private func removeLeftover(_ pod: Pod) async throws {
        var options = DeleteOptions()
        options.gracePeriodSeconds = AgentEnding.busy.gracePeriod
        var failures = 0
        while true {
            do {
                guard try await isOver(pod) else { return }
                let (namespace, name) = (pod.metadata.namespace, pod.metadata.name)
                try await api.delete(.pods, namespace: namespace, name: name, options: options)
                return
            } catch let error as KubernetesError where error.code == .notFound {
                return
            } catch let error as KubernetesError where error.isTransient && failures < Self.leftoverAttempts {
                try await backoff.pause(afterFailures: failures, of: error)
                failures += 1
            }
        }
    }

    /// How often the deletion of a leftover is tried again before it is left to the next time.
    private static var leftoverAttempts: Int { 8 }

    /// Whether the Promotion of a Pod has ended or is gone: one of another controller may be newer than what is known
    /// here.
    private func isOver(_ pod: Pod) async throws -> Bool {
        guard let owner = pod.metadata.ownerReferences.first(where: { $0.kind == "Promotion" }) else { return true }
        let value: JSONValue
        do {
            value = try await api.get(.promotions, namespace: pod.metadata.namespace, name: owner.name)
        } catch let error as KubernetesError where error.code == .notFound {
            return true
        }
        // Not as a Promotion: one that is spoiled must not keep the Pods of others.
        let phase = value[path: "status", "phase"]?.stringValue.flatMap(PromotionPhase.init(rawValue:))
        return value[path: "metadata", "uid"]?.stringValue != owner.uid || phase?.isTerminal ?? false
    }
}
