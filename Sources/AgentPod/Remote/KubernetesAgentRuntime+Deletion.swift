import KargoCore
import KubernetesClient

extension KubernetesAgentRuntime {
    /// Deletes this Pod, and no other of its name.
    func delete(_ pod: Pod, _ key: ObjectKey, _ wait: inout AgentWait) async throws {
        var options = DeleteOptions()
        options.preconditions = Preconditions()
        options.preconditions?.uid = pod.metadata.uid
        options.gracePeriodSeconds = AgentEnding.busy.gracePeriod
        try await ask("the agent Pod can't be deleted", &wait, in: key.namespace) {
            do {
                try await api.delete(.pods, namespace: key.namespace, name: key.name, options: options)
            } catch let error as KubernetesError where error.code == .notFound || error.code == .conflict {
                return
            }
        }
    }

    /// Deletes a Pod and waits until it is gone, however long that takes: it is nobody's fault here.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - key: Its key.
    ///   - reason: Why it is deleted, if that was not told.
    ///   - wait: Who hears of it where it takes long.
    /// - Throws: As ``ask(_:_:in:_:)``.
    func deleteAndWait(_ pod: Pod, _ key: ObjectKey, reason: String?, _ wait: inout AgentWait) async throws {
        try await delete(pod, key, &wait)
        var failures = 0
        let waiting = "the next Pod waits until its node says that the old one has ended"
        // Never by force: its node may still run it, and would run two agents of one Promotion.
        while true {
            let seen = observer.pod(key)?.metadata.resourceVersion
            guard let current = try await read(key, &wait), current.metadata.uid == pod.metadata.uid else { return }
            try Task.checkCancellation()
            if current.metadata.deletionTimestamp == nil {
                // A conflict may have been about something else than its UID.
                try await backoff.pause(afterFailures: failures)
                failures += 1
                try await delete(pod, key, &wait)
                continue
            }
            wait.restart()
            try wait.check(waiting)
            await wait.tell([reason, waiting].compactMap { $0 }.joined(separator: "; "))
            await hasChanged(key, from: seen, within: min(Self.interval, wait.left))
        }
    }
}
