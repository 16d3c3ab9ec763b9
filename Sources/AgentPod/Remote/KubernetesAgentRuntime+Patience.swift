import KargoCore
import KubernetesClient

extension KubernetesAgentRuntime {
    /// After how long the server is asked what a watch should have told.
    static let interval = Duration.seconds(5)

    /// Asks the server again and again within the time, unless it refuses for good.
    ///
    /// - Parameters:
    ///   - trouble: What can't be done, as a sentence.
    ///   - wait: The time, and who hears of trouble.
    ///   - project: Where it is asked for.
    ///   - body: Asks.
    /// - Returns: The answer.
    /// - Throws: ``AgentStartFailure``; `StepTimeoutError`; `CancellationError`.
    func ask<Answer>(
        _ trouble: String,
        _ wait: inout AgentWait,
        in project: String,
        _ body: () async throws -> Answer
    ) async throws -> Answer {
        var failures = 0
        while true {
            do {
                return try await body()
            } catch let error as KubernetesError {
                try await pause(after: error, trouble, failures: failures, &wait, in: project)
                failures += 1
            }
        }
    }

    /// Waits a little after a failure; gives up when it is final or the time has passed.
    func pause(
        after error: KubernetesError,
        _ trouble: String,
        failures: Int,
        _ wait: inout AgentWait,
        in project: String
    ) async throws {
        try Task.checkCancellation()
        guard !error.isFinal else { throw AgentStartFailure("\(trouble): \(error.sentence(inProject: project))") }
        try wait.check("\(trouble): \(error.message)")
        await wait.tell("\(trouble) yet: \(error.message)")
        try await backoff.pause(afterFailures: failures)
    }

    /// The Pod as the server has it; nil if there is none.
    func read(_ key: ObjectKey, _ wait: inout AgentWait) async throws -> Pod? {
        try await ask("the agent Pod can't be read", &wait, in: key.namespace) { try await get(key) }
    }

    /// Waits until all Pods are known.
    func waitUntilSynced(_ wait: inout AgentWait) async throws {
        while !observer.isSynced {
            let trouble = "the cluster's Pods can't be watched"
            try wait.check(trouble)
            let isSynced: Void? = try await clock.within(min(Self.interval, wait.left)) { [observer] in
                await observer.waitUntilSynced()
            }
            if isSynced == nil { await wait.tell("\(trouble) yet") }
            try Task.checkCancellation()
        }
    }

    /// Waits until the watch, which is behind the server, has told of a Pod; not if the Pod is gone already.
    func waitUntilObserved(_ pod: Pod, _ key: ObjectKey, _ wait: inout AgentWait) async throws {
        while true {
            let seen = observer.pod(key)
            if seen?.metadata.uid == pod.metadata.uid { return }
            // Whatever the watch has missed: it may never tell of a Pod that has come and gone.
            guard try await read(key, &wait)?.metadata.uid == pod.metadata.uid else { return }
            let trouble = "the watch of the cluster's Pods has not told of the agent Pod"
            try wait.check(trouble)
            let version = seen?.metadata.resourceVersion
            guard await hasChanged(key, from: version, within: min(Self.interval, wait.left)) else {
                await wait.tell("\(trouble) yet")
                try Task.checkCancellation()
                continue
            }
        }
    }

    /// Waits for a change of a Pod; false when the time was up first, or the task is cancelled.
    @discardableResult
    func hasChanged(_ key: ObjectKey, from version: String?, within limit: Duration) async -> Bool {
        let change: Void?? = try? await clock.within(limit) { [observer] in
            await observer.waitForChange(of: key, from: version)
        }
        return change.flatMap { $0 } != nil
    }
}
