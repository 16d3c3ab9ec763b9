import KargoCore
import KubernetesClient

extension KubernetesAgentRuntime {
    /// Deletes this Pod, and no other of its name.
    func delete(_ pod: Pod, _ key: ObjectKey) async throws {
        var options = DeleteOptions()
        options.preconditions = Preconditions()
        options.preconditions?.uid = pod.metadata.uid
        options.gracePeriodSeconds = AgentEnding.busy.gracePeriod
        do {
            try await api.delete(.pods, namespace: key.namespace, name: key.name, options: options)
        } catch let error as KubernetesError where error.code == .notFound || error.code == .conflict {
            return
        }
    }

    /// Deletes a Pod and waits until it is gone.
    ///
    /// - Parameters:
    ///   - pod: The Pod.
    ///   - key: Its key.
    ///   - reason: Why it is deleted.
    ///   - hooks: Hear of it where it takes long.
    /// - Throws: `KubernetesError`; `CancellationError`.
    func deleteAndWait(_ pod: Pod, _ key: ObjectKey, reason: String, _ hooks: AgentHooks) async throws {
        try await delete(pod, key)
        var failures = 0
        var hasTold = false
        // Never by force: its node may still run it, and would run two agents of one Promotion.
        while true {
            let seen = observer.pod(key)?.metadata.resourceVersion
            guard let current = try await read(key), current.metadata.uid == pod.metadata.uid else { return }
            try Task.checkCancellation()
            if current.metadata.deletionTimestamp == nil {
                // A conflict may have been about something else than its UID.
                try await backoff.pause(afterFailures: failures)
                failures += 1
                try await delete(pod, key)
                continue
            }
            if !hasTold {
                await hooks.note("\(reason); the next Pod waits until its node says that the old one has ended")
            }
            hasTold = true
            await observer.waitForChange(of: key, from: seen)
        }
    }
}
