import KargoCore

extension ShimState {
    /// What is left of a Pod whose shim was lost at a time: the containers that ran were killed with it.
    func lost(at time: KubernetesMicroTime) -> ShimState {
        var state = self
        state.phase = .finished
        for index in containers.indices {
            state.containers[index].isStarted = false
            state.containers[index].isReady = false
            guard case .running(let run) = containers[index].state else { continue }
            state.containers[index].state = .terminated(
                Termination(
                    attempt: containers[index].restartCount,
                    process: run.process,
                    exitCode: 137,
                    signal: 9,
                    reason: ContainerReason.containerStatusUnknown,
                    message: "the process that supervises the Pod was lost, and the container with it",
                    startedAt: run.startedAt,
                    finishedAt: time
                )
            )
        }
        return state
    }

    /// What a new shim of the Pod has to know of its containers, by name.
    ///
    /// As with a sandbox that was lost, init containers run again, and main containers unless they have done what they
    /// were there for.
    func histories(restartPolicy: String) -> [String: ContainerPlan.History] {
        var histories: [String: ContainerPlan.History] = [:]
        for container in containers {
            var last = container.lastTermination
            if case .terminated(let termination) = container.state { last = termination }
            guard let last else { continue }
            let isDone =
                container.kind == .main && restartPolicy != RestartPolicy.always && last.exitCode == 0
                && container.state == .terminated(last)
            histories[container.name] = ContainerPlan.History(
                lastTermination: last,
                nextAttempt: last.attempt + 1,
                isDone: isDone
            )
        }
        return histories
    }
}
