extension PodLifecycle {
    /// The end of a Pod.
    struct Ending: Sendable {
        /// When everything is killed that still runs.
        var deadline: Duration
        /// Whether what containers left behind is being killed.
        var isClearing = false
    }

    /// Begins to end the Pod, or makes the end come earlier.
    mutating func end(within grace: Duration, at now: Moment) {
        let deadline = now.uptime + max(grace, .zero)
        if let ending {
            self.ending?.deadline = min(ending.deadline, deadline)
            hasten(to: deadline, isForced: grace <= .zero)
            return
        }
        guard phase == .running else { return }
        phase = .ending
        ending = Ending(deadline: deadline)
        hasten(to: deadline, isForced: grace <= .zero)
        for index in members.indices {
            switch members[index].stage {
            case .idle: retire(index)
            case .backingOff:
                // It shows how it ended, no longer that it waits to start again.
                if case .waiting = members[index].record.state, let last = members[index].record.lastTermination {
                    members[index].record.state = .terminated(last)
                    members[index].record.lastTermination = nil
                }
                retire(index)
            case .starting, .running, .done: continue
            }
        }
    }

    /// Main containers end first, then the sidecars from the last to the first, as Kubernetes has it.
    mutating func advanceEnding(at now: Moment) -> [Action] {
        guard let ending else { return [] }
        let alive = members.indices.filter { members[$0].isAlive }
        if alive.isEmpty {
            guard !ending.isClearing else { return [] }
            self.ending?.isClearing = true
            return [.clear]
        }
        if now.uptime >= ending.deadline {
            // Those that were asked have a deadline of their own, which is this one or follows from it.
            return alive.filter { members[$0].stop == nil }.map { kill($0, at: now) }
        }
        let first = alive.filter { members[$0].plan.kind != .sidecar }
        let next = first.isEmpty ? alive.suffix(1) : first[...]
        return next.filter { members[$0].stop == nil }
            .map { index in
                tell(index, EventReason.killing, "Stopping container \(members[index].plan.name)", at: now)
                return stop(index, within: ending.deadline - now.uptime, at: now)
            }
    }

    /// Ends a Pod that has run for as long as it may.
    mutating func exceedDeadline(at now: Moment) {
        guard ending == nil, phase == .running, let activeDeadline, activeDeadline <= now.uptime else { return }
        hasExceededDeadline = true
        tell(
            nil,
            EventReason.deadlineExceeded,
            "Pod was active on the node longer than the specified deadline",
            at: now
        )
        end(within: .seconds(spec.gracePeriodSeconds), at: now)
    }

    // MARK: One container

    /// What is allowed to a container when what came before its end took all its time, as the kubelet has it.
    private static let shortestGrace = Duration.seconds(2)

    /// Begins to end a container that is alive.
    mutating func stop(_ index: Int, within grace: Duration, at now: Moment, isUnhealthy: Bool = false) -> Action {
        var stop = Stop(stage: .asked, deadline: now.uptime + grace, isUnhealthy: isUnhealthy)
        defer { members[index].stop = stop }
        guard grace > .zero, case .running = members[index].stage, members[index].plan.checks.preStop != nil else {
            return .terminate(index)
        }
        stop.stage = .hook
        return .check(index, .preStop)
    }

    private mutating func kill(_ index: Int, at now: Moment) -> Action {
        let isUnhealthy = members[index].stop?.isUnhealthy == true
        members[index].stop = Stop(stage: .killed, deadline: now.uptime, isUnhealthy: isUnhealthy)
        return .kill(index)
    }

    /// Goes on with containers whose time is over.
    mutating func advanceStops(at now: Moment) {
        for index in members.indices where members[index].isAlive {
            guard let stop = members[index].stop, stop.deadline <= now.uptime else { continue }
            switch stop.stage {
            case .hook:
                outbox.append(.cancel(index, .preStop))
                tellOfHook(index, .preStop, "it took longer than the grace period", at: now)
                members[index].stop?.stage = .asked
                members[index].stop?.deadline = now.uptime + Self.shortestGrace
                outbox.append(.terminate(index))
            case .asked: outbox.append(kill(index, at: now))
            case .killed: break
            }
        }
    }

    /// Makes the end come earlier of those that are being ended.
    private mutating func hasten(to deadline: Duration, isForced: Bool) {
        for index in members.indices {
            guard let stop = members[index].stop, stop.stage != .killed else { continue }
            members[index].stop?.deadline = min(stop.deadline, deadline)
            guard isForced, stop.stage == .hook else { continue }
            outbox.append(.cancel(index, .preStop))
            members[index].stop?.stage = .asked
        }
    }
}
