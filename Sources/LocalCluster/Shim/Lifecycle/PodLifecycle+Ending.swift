extension PodLifecycle {
    /// The end of a Pod.
    struct Ending: Sendable {
        /// When everything is killed that still runs.
        var deadline: Duration
        /// Which containers were asked to end.
        var asked: Set<Int> = []
        /// Whether everything was killed.
        var hasKilled = false
        /// Whether what containers left behind is being killed.
        var isClearing = false
    }

    /// Begins to end the Pod, or makes the end come earlier.
    mutating func end(within grace: Duration, at now: Moment) {
        let deadline = now.uptime + max(grace, .zero)
        if let ending {
            self.ending?.deadline = min(ending.deadline, deadline)
            return
        }
        guard phase == .running else { return }
        phase = .ending
        ending = Ending(deadline: deadline)
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
        guard var ending else { return [] }
        defer { self.ending = ending }
        let alive = members.indices.filter { members[$0].isAlive }
        if alive.isEmpty {
            guard !ending.isClearing else { return [] }
            ending.isClearing = true
            return [.clear]
        }
        if now.uptime >= ending.deadline {
            guard !ending.hasKilled else { return [] }
            ending.hasKilled = true
            return alive.map(Action.kill)
        }
        let first = alive.filter { members[$0].plan.kind != .sidecar }
        let next = first.isEmpty ? alive.suffix(1) : first[...]
        return next.filter { ending.asked.insert($0).inserted }.map(Action.terminate)
    }
}
