import KargoCore

/// Decides which container of a Pod starts, is asked to end, or is killed, and keeps what has become of each; as a
/// value that decides and does nothing.
struct PodLifecycle: Sendable {
    /// What has happened.
    enum Event: Sendable {
        /// The command of a container has begun.
        case started(Int, ProcessIdentity)
        /// The first process of a container has ended.
        case exited(Int, ContainerExit)
        /// A container could not be started.
        case notStarted(Int, LaunchFailure)
        /// Somebody wants the Pod to end.
        case stop(grace: Duration)
        /// Somebody wants the Pod to end at once.
        case kill
        /// No process is left.
        case cleared
        /// Nothing but that time has gone by.
        case time
    }

    /// What is to be done.
    enum Action: Sendable, Hashable {
        /// Start a container.
        case start(Int, attempt: Int32)
        /// Ask a container to end.
        case terminate(Int)
        /// Kill a container.
        case kill(Int)
        /// Kill whatever is left, and report when nothing is.
        case clear
    }

    enum Stage: Sendable {
        case idle
        case starting(attempt: Int32)
        case running(attempt: Int32, since: Moment, ProcessIdentity)
        case backingOff(until: Duration)
        case done
    }

    struct Member: Sendable {
        let plan: ContainerPlan
        var stage = Stage.idle
        var nextAttempt: Int32 = 0
        var backoff = RestartBackoff()
        var record: ContainerRecord

        var isAlive: Bool {
            switch stage {
            case .starting, .running: true
            case .idle, .backingOff, .done: false
            }
        }

        var isDone: Bool {
            if case .done = stage { true } else { false }
        }
    }

    let spec: ShimSpec
    let shim: ProcessIdentity
    var phase = ShimState.Phase.running
    var isInitialized = false
    var members: [Member]
    var ending: Ending?

    /// Makes the lifecycle of a Pod that has not begun.
    init(spec: ShimSpec, shim: ProcessIdentity) {
        self.spec = spec
        self.shim = shim
        let hasInitContainers = spec.containers.contains { $0.kind != .main }
        let reason = hasInitContainers ? ContainerReason.podInitializing : ContainerReason.containerCreating
        members = spec.containers.map { Member(plan: $0, waitingReason: reason) }
    }

    /// What has become of the Pod.
    var state: ShimState {
        ShimState(shim: shim, phase: phase, isInitialized: isInitialized, containers: members.map(\.record))
    }

    /// When something is due though nothing happens.
    var deadline: Duration? {
        var deadlines = members.compactMap { member in
            if case .backingOff(let until) = member.stage { until } else { nil }
        }
        if let ending, !ending.hasKilled { deadlines.append(ending.deadline) }
        return deadlines.min()
    }

    /// Takes in what has happened and decides what to do.
    mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        switch event {
        case .started(let index, let process): noteStart(of: index, process, at: now)
        case .exited(let index, let exit): noteExit(of: index, exit, at: now)
        case .notStarted(let index, let failure): noteFailure(of: index, failure, at: now)
        case .stop(let grace): end(within: grace, at: now)
        case .kill: end(within: .zero, at: now)
        case .cleared: phase = .finished
        case .time: break
        }
        return advance(at: now)
    }

    private mutating func advance(at now: Moment) -> [Action] {
        guard phase != .finished else { return [] }
        if ending != nil { return advanceEnding(at: now) }
        var actions: [Action] = []
        if !isInitialized { isInitialized = advanceInitialization(at: now, &actions) }
        guard isInitialized else { return actions }
        for index in members.indices where isDue(index, at: now) { actions.append(start(index)) }
        guard members.allSatisfy({ $0.plan.kind != .main || $0.isDone }) else { return actions }
        end(within: .seconds(spec.gracePeriodSeconds), at: now)
        return actions + advanceEnding(at: now)
    }

    /// Starts the next container that has to start before the main ones; true when there is none.
    private mutating func advanceInitialization(at now: Moment, _ actions: inout [Action]) -> Bool {
        for index in members.indices where members[index].plan.kind != .main {
            switch members[index].stage {
            case .idle:
                actions.append(start(index))
                return false
            case .backingOff:
                if isDue(index, at: now) { actions.append(start(index)) }
                return false
            case .starting: return false
            case .running where members[index].plan.kind == .initialization: return false
            case .running, .done: continue
            }
        }
        return true
    }

    private func isDue(_ index: Int, at now: Moment) -> Bool {
        switch members[index].stage {
        case .idle: true
        case .backingOff(let until): until <= now.uptime
        case .starting, .running, .done: false
        }
    }

    private mutating func start(_ index: Int) -> Action {
        let attempt = members[index].nextAttempt
        if case .terminated(let termination) = members[index].record.state {
            members[index].record.lastTermination = termination
        }
        members[index].record.state = .waiting(reason: ContainerReason.containerCreating, message: "")
        members[index].record.restartCount = attempt
        members[index].stage = .starting(attempt: attempt)
        return .start(index, attempt: attempt)
    }
}

extension PodLifecycle.Member {
    fileprivate init(plan: ContainerPlan, waitingReason: String) {
        self.plan = plan
        let history = plan.history
        nextAttempt = history?.nextAttempt ?? 0
        record = ContainerRecord(
            name: plan.name,
            kind: plan.kind,
            state: .waiting(reason: waitingReason, message: ""),
            lastTermination: history?.lastTermination,
            restartCount: max(0, nextAttempt - 1),
            isDone: false
        )
        guard let history, history.isDone, let termination = history.lastTermination else { return }
        record.state = .terminated(termination)
        record.lastTermination = nil
        record.isDone = true
        stage = .done
    }
}
