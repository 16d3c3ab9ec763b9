import KargoCore

/// How the first process of a container ended.
struct ContainerExit: Sendable, Hashable {
    /// The exit code; 128 and the signal's number where a signal ended it.
    var code: Int32
    /// The signal that ended it.
    var signal: Int32?
    /// What the container left as its message.
    var message: String
}

/// Why a container could not be started.
struct LaunchFailure: Error, Sendable, Hashable, Codable, CustomStringConvertible {
    /// How far it came.
    enum Stage: String, Sendable, Hashable, Codable {
        /// What the container needs could not be made.
        case creation
        /// Its command could not be executed.
        case start
    }

    /// How far it came.
    var stage: Stage
    /// Why not further.
    var message: String
    /// The reason in one word, where it is a special one.
    var reason: String?

    var description: String { message }
}

extension PodLifecycle {
    mutating func noteStart(of index: Int, _ process: ProcessIdentity, at now: Moment) {
        guard case .starting(let attempt) = members[index].stage else { return }
        members[index].stage = .running(attempt: attempt, since: now, process)
        members[index].record.state = .running(ContainerRun(process: process, startedAt: now.wall))
        if let image = members[index].plan.image {
            tell(index, EventReason.pulled, "Container image \"\(image.name)\" is present on machine", at: now)
        }
        tell(index, EventReason.created, "Created container: \(members[index].plan.name)", at: now)
        tell(index, EventReason.started, "Started container \(members[index].plan.name)", at: now)
        members[index].health = ContainerHealth(members[index].plan.checks, at: now.uptime)
        // One that is being ended already has no hooks and no probes.
        guard members[index].stop == nil else {
            members[index].health?.end()
            return
        }
        if members[index].plan.checks.postStart != nil { outbox.append(.check(index, .postStart)) }
    }

    mutating func noteExit(of index: Int, _ exit: ContainerExit, at now: Moment) {
        guard case .running(let attempt, let start, let process) = members[index].stage else { return }
        let termination = Termination(
            attempt: attempt,
            process: process,
            exitCode: exit.code,
            signal: exit.signal,
            reason: exit.code == 0 ? ContainerReason.completed : ContainerReason.error,
            message: exit.message,
            startedAt: start.wall,
            finishedAt: now.wall
        )
        conclude(index, termination, afterRunning: now.uptime - start.uptime, at: now)
    }

    mutating func noteFailure(of index: Int, _ failure: LaunchFailure, at now: Moment) {
        guard case .starting(let attempt) = members[index].stage else { return }
        tell(index, EventReason.failed, "Error: \(failure.message)", isWarning: true, at: now)
        switch failure.stage {
        case .start:
            // The exit code and the reason are those of Kubernetes' container runtimes.
            let termination = Termination(
                attempt: attempt,
                process: nil,
                exitCode: 128,
                signal: nil,
                reason: ContainerReason.startError,
                message: failure.message,
                startedAt: now.wall,
                finishedAt: now.wall
            )
            conclude(index, termination, afterRunning: .zero, at: now)
        case .creation:
            members[index].stop = nil
            members[index].record.state = .waiting(
                reason: failure.reason ?? ContainerReason.createContainerError,
                message: failure.message
            )
            if ending != nil {
                retire(index)
            } else {
                // Tried again under every restart policy, for there was no container that could have failed.
                let delay = members[index].backoff.delayAfterFailedCreation()
                members[index].stage = .backingOff(until: now.uptime + delay)
            }
        }
    }

    private mutating func conclude(
        _ index: Int,
        _ termination: Termination,
        afterRunning time: Duration,
        at now: Moment
    ) {
        members[index].record.state = .terminated(termination)
        members[index].nextAttempt = termination.attempt + 1
        cancelChecks(of: index)
        let isUnhealthy = members[index].stop?.isUnhealthy == true
        members[index].stop = nil
        let hasSucceeded = termination.exitCode == 0
        guard ending == nil, members[index].plan.isStartedAgain(afterSuccess: hasSucceeded && !isUnhealthy) else {
            retire(index)
            let isLost = members[index].plan.kind == .initialization && !hasSucceeded
            if isLost { end(within: .seconds(spec.gracePeriodSeconds), at: now) }
            return
        }
        let delay = members[index].backoff.delay(afterRunning: time)
        members[index].stage = .backingOff(until: now.uptime + delay)
        guard delay > .zero else { return }
        tell(
            index,
            EventReason.backOff,
            "Back-off restarting failed container \(members[index].plan.name) in pod \(spec.pod)",
            isWarning: true,
            at: now
        )
        members[index].record.lastTermination = termination
        members[index].record.state =
            termination.reason == ContainerReason.startError
            ? .waiting(reason: ContainerReason.runContainerError, message: termination.message)
            : .waiting(
                reason: ContainerReason.crashLoopBackOff,
                message:
                    "back-off \(delay.components.seconds)s restarting failed container=\(members[index].plan.name) "
                    + "pod=\(spec.pod)"
            )
    }

    /// Keeps a container from running again.
    mutating func retire(_ index: Int) {
        members[index].stage = .done
        members[index].record.isDone = true
    }
}

extension ContainerPlan {
    fileprivate func isStartedAgain(afterSuccess hasSucceeded: Bool) -> Bool {
        switch restart {
        case .always: true
        case .onFailure: !hasSucceeded
        case .never: false
        }
    }
}
