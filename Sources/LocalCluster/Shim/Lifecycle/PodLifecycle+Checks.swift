extension PodLifecycle {
    /// Makes the probes that are due.
    mutating func advanceChecks(at now: Moment) {
        for index in members.indices {
            guard let consequences = members[index].health?.advance(at: now.uptime) else { continue }
            follow(consequences, of: index, at: now)
        }
    }

    mutating func noteCheck(of index: Int, _ kind: CheckKind, _ result: CheckResult, at now: Moment) {
        guard case .running = members[index].stage else { return }
        switch kind {
        case .startup, .readiness, .liveness:
            let consequences = members[index].health?.note(kind, result, at: now.uptime) ?? []
            follow(consequences, of: index, at: now)
        case .postStart:
            members[index].health?.noteHook()
            guard !result.isSuccess else { return }
            tellOfHook(index, .postStart, result.message, at: now)
            giveUp(index, "failed PostStartHook", within: .seconds(spec.gracePeriodSeconds), at: now)
        case .preStop:
            guard members[index].stop?.stage == .hook else { return }
            if !result.isSuccess { tellOfHook(index, .preStop, result.message, at: now) }
            members[index].stop?.stage = .asked
            outbox.append(.terminate(index))
        }
    }

    private mutating func follow(_ consequences: [ContainerHealth.Consequence], of index: Int, at now: Moment) {
        for consequence in consequences {
            switch consequence {
            case .check(let kind): outbox.append(.check(index, kind))
            case .cancel(let kind): outbox.append(.cancel(index, kind))
            case .tell(let kind, let message):
                tell(index, EventReason.unhealthy, "\(kind.title) failed: \(message)", isWarning: true, at: now)
            case .end(let kind):
                let grace = members[index].plan.checks.probe(kind)?.gracePeriodSeconds ?? spec.gracePeriodSeconds
                let reason = kind == .startup ? "failed startup probe" : "failed liveness probe"
                giveUp(index, reason, within: .seconds(grace), at: now)
            }
        }
    }

    /// Ends a container that has failed a check; its restart policy says what follows.
    private mutating func giveUp(_ index: Int, _ reason: String, within grace: Duration, at now: Moment) {
        guard members[index].stop == nil, members[index].isAlive else { return }
        let willRestart = members[index].plan.restart == .never ? "" : ", will be restarted"
        tell(index, EventReason.killing, "Container \(members[index].plan.name) \(reason)\(willRestart)", at: now)
        for kind in members[index].health?.running ?? [] { outbox.append(.cancel(index, kind)) }
        members[index].health?.end()
        outbox.append(stop(index, within: grace, at: now, isUnhealthy: true))
    }

    /// Gives up what is being checked of a container that has ended.
    mutating func cancelChecks(of index: Int) {
        guard let health = members[index].health else { return }
        for kind in health.running { outbox.append(.cancel(index, kind)) }
        for kind in [CheckKind.postStart, .preStop] where members[index].plan.checks.action(kind) != nil {
            outbox.append(.cancel(index, kind))
        }
        members[index].health = nil
    }

    // MARK: Notes

    mutating func tellOfHook(_ index: Int, _ kind: CheckKind, _ message: String, at now: Moment) {
        let reason = kind == .postStart ? EventReason.failedPostStartHook : EventReason.failedPreStopHook
        tell(index, reason, "\(kind.title) failed: \(message)", isWarning: true, at: now)
    }

    /// Notes what people may want to know.
    mutating func tell(
        _ index: Int?,
        _ reason: String,
        _ message: String,
        isWarning: Bool = false,
        at now: Moment
    ) {
        noteCount += 1
        notes.append(
            PodNote(
                number: noteCount,
                time: now.wall,
                container: index.map { members[$0].plan.name },
                isWarning: isWarning,
                reason: reason,
                message: message
            )
        )
        notes.removeFirst(max(0, notes.count - PodNote.maximumCount))
    }
}
