import KargoCore
import KubernetesClient

extension KubernetesAgentRuntime {
    /// Deletes the Pods of Promotions that have ended or are gone.
    public func removeLeftovers(keeping uids: Set<String>) async throws {
        await observer.waitUntilSynced()
        for pod in observer.all where pod.metadata.deletionTimestamp == nil {
            guard let uid = pod.metadata.annotations[KargoAPI.Annotation.promotionUID], !uids.contains(uid),
                try await isOver(pod)
            else { continue }
            var options = DeleteOptions()
            options.gracePeriodSeconds = AgentEnding.busy.gracePeriod
            do {
                try await api.delete(
                    .pods,
                    namespace: pod.metadata.namespace,
                    name: pod.metadata.name,
                    options: options
                )
            } catch let error as KubernetesError where error.code == .notFound {
                continue
            }
        }
    }

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
