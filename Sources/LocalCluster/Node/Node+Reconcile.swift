import KargoCore
import KubernetesClient
import Logging
import Synchronization

extension Node {
    /// How often what can't be watched is looked for.
    private static let pause = Duration.seconds(1)

    func reconcile(_ key: PodKey) async throws -> ReconcileAction {
        let sandbox = state.withLock { $0.sandboxes[key.uid] }
        guard let pod = pod(key) else {
            if let sandbox { try dispose(sandbox) }
            return .awaitChange
        }
        guard [configuration.name, ""].contains(pod.spec.nodeName) else { return .awaitChange }
        if pod.metadata.deletionTimestamp != nil { return try await end(pod, sandbox) }
        guard let sandbox else {
            guard !pod.isOver else { return .awaitChange }
            return try await begin(pod)
        }
        return try await sustain(pod, sandbox)
    }

    // MARK: The object is there

    /// Takes up a Pod of which nothing is there.
    private func begin(_ pod: Pod) async throws -> ReconcileAction {
        if pod.hasRun, pod.spec.restartPolicy == RestartPolicy.never {
            // Its directory is lost, and nothing tells what has become of its containers.
            var lost = pod.status
            lost.phase = PodPhase.failed
            lost.reason = ContainerReason.containerStatusUnknown
            lost.message = "the node has lost the directory of the Pod"
            try await write(lost, of: pod)
            return .awaitChange
        }
        let key = PodKey(pod)
        try directories.make(uid: key.uid)
        let sandbox = addSandbox(PodRecord(namespace: key.namespace, name: key.name, uid: key.uid))
        try sandbox.saveRecord()
        return try await start(pod, sandbox)
    }

    private func sustain(_ pod: Pod, _ sandbox: PodSandbox) async throws -> ReconcileAction {
        let snapshot = sandbox.snapshot
        switch snapshot.phase {
        case .idle: return try await start(pod, sandbox)
        case .running:
            try await report(sandbox)
            try await refreshVolumes(of: pod, sandbox)
            return pauseBeforeRefresh(of: pod).map { .requeue(after: $0) } ?? .awaitChange
        case .ended(let outcome):
            guard snapshot.startsAgain(pod) else {
                try await report(sandbox)
                return .awaitChange
            }
            if let pause = pauseBeforeRestart(of: sandbox, outcome) {
                try await report(sandbox)
                return .requeue(after: pause)
            }
            return try await start(pod, sandbox)
        }
    }

    /// How long to wait before a Pod whose shim is gone starts again; nil for not at all.
    private func pauseBeforeRestart(of sandbox: PodSandbox, _ outcome: PodSandbox.Outcome) -> Duration? {
        let snapshot = sandbox.snapshot
        guard outcome.isLost else { return nil }
        if let restart = snapshot.restart {
            let pause = ContinuousClock.now.duration(to: restart)
            return pause > .zero ? pause : nil
        }
        var backoff = snapshot.backoff
        // One that an earlier node has started is taken to have run for long.
        let ran = snapshot.startedAt.map { $0.duration(to: .now) } ?? .seconds(3600)
        let pause = backoff.delay(afterRunning: ran)
        logger.warning(
            "the supervisor of a Pod was lost",
            metadata: ["pod": "\(sandbox.key)", "restart.after": "\(pause)", "complaint": "\(outcome.complaint)"]
        )
        sandbox.update { snapshot in
            snapshot.backoff = backoff
            snapshot.restart = .now + pause
            guard outcome.state == nil else { return }
            snapshot.blocker = PodBlocker(
                container: nil,
                reason: ContainerReason.createContainerError,
                message: "the process that supervises the Pod ended at once: \(outcome.complaint)",
                remedy: .time
            )
        }
        return pause > .zero ? pause : nil
    }

    private func start(_ pod: Pod, _ sandbox: PodSandbox) async throws -> ReconcileAction {
        guard state.withLock({ !$0.isStopping }) else {
            try await report(sandbox)
            return .awaitChange
        }
        do {
            // Before the ports are asked for, or one that comes free in between would be missed.
            state.withLock { state in
                if !state.waiting.contains(sandbox.key) { state.waiting.append(sandbox.key) }
            }
            try await prepareAndStart(pod, sandbox)
            state.withLock { state in state.waiting.removeAll { $0 == sandbox.key } }
            logger.info("Pod started", metadata: ["pod": "\(sandbox.key)"])
            try await report(sandbox)
            await tellWhatIsNotEnforced(pod)
            return pauseBeforeRefresh(of: pod).map { .requeue(after: $0) } ?? .awaitChange
        } catch let blocker as PodBlocker {
            let isNew = sandbox.snapshot.blocker != blocker
            sandbox.update { $0.blocker = blocker }
            try await report(sandbox)
            if isNew { await tell(blocker, of: pod) }
            return blocker.remedy == .time ? .requeue(after: Self.pause) : .awaitChange
        }
    }

    // MARK: The object goes

    private func end(_ pod: Pod, _ sandbox: PodSandbox?) async throws -> ReconcileAction {
        if let sandbox, case .running = sandbox.snapshot.phase {
            let grace = pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30
            if sandbox.snapshot.grace.map({ grace < $0 }) ?? true {
                try sandbox.tell(grace > 0 ? .stop(graceSeconds: grace) : .kill)
                sandbox.update { $0.grace = grace }
            }
            try await report(sandbox)
            return .awaitChange
        }
        if let sandbox { try await report(sandbox) }
        var options = DeleteOptions()
        options.gracePeriodSeconds = 0
        options.preconditions = Preconditions()
        options.preconditions?.uid = pod.metadata.uid
        do {
            try await api.delete(
                .pods,
                namespace: pod.metadata.namespace,
                name: pod.metadata.name,
                options: options
            )
        } catch let error as KubernetesError where error.code == .notFound || error.code == .conflict {
            // Gone already, or another Pod of that name.
        }
        return .awaitChange
    }

    /// Removes what is left of a Pod whose object is gone.
    private func dispose(_ sandbox: PodSandbox) throws {
        if case .running = sandbox.snapshot.phase {
            try sandbox.tell(.kill)
            return
        }
        try FileSystem.remove(sandbox.directory)
        state.withLock { state in
            state.sandboxes[sandbox.key.uid] = nil
            state.told.remove(sandbox.key.uid)
        }
        releasePorts(of: sandbox.key)
        events.forget(uid: sandbox.key.uid)
        tokens.forget(uid: sandbox.key.uid)
        sandbox.tellOfChange()
        logger.info("Pod removed", metadata: ["pod": "\(sandbox.key)"])
    }
}

extension PodSandbox.Snapshot {
    /// Whether a Pod whose shim is gone has to go on.
    func startsAgain(_ pod: Pod) -> Bool {
        guard case .ended(let outcome) = phase, outcome.isLost || record.isSuspended else { return false }
        // Where nothing was started, nothing can be started twice.
        guard let state = outcome.state else { return true }
        switch pod.spec.restartPolicy {
        case RestartPolicy.never: return false
        case RestartPolicy.onFailure: return !state.hasSucceeded
        default: return true
        }
    }
}

extension Pod {
    /// Whether it has done what it was there for, or failed to.
    fileprivate var isOver: Bool { [PodPhase.succeeded, PodPhase.failed].contains(status.phase) }

    /// Whether a container of it was started.
    fileprivate var hasRun: Bool {
        (status.initContainerStatuses + status.containerStatuses)
            .contains { container in
                container.state.running != nil || container.state.terminated != nil || container.restartCount > 0
            }
    }
}
