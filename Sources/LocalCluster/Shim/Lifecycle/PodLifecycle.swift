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
        /// A check has ended.
        case checked(Int, CheckKind, CheckResult)
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
        /// Begin a check of a container.
        case check(Int, CheckKind)
        /// Give a check up.
        case cancel(Int, CheckKind)
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
        /// What the probes say while it runs.
        var health: ContainerHealth?
        /// How it is being ended, though it would go on.
        var stop: Stop?

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

    /// The end of a container that was not left to itself.
    struct Stop: Sendable {
        /// How far it is.
        enum Stage: Sendable {
            /// What comes before the end is being done.
            case hook
            /// It was asked to end.
            case asked
            /// It was killed.
            case killed
        }

        var stage: Stage
        /// When it is killed.
        var deadline: Duration
        /// Whether it is ended because it failed a check, so that it starts again.
        var isUnhealthy = false
    }

    let spec: ShimSpec
    let shim: ProcessIdentity
    var phase = ShimState.Phase.running
    var isInitialized = false
    var members: [Member]
    var ending: Ending?
    var hasExceededDeadline = false
    var notes: [PodNote] = []
    var noteCount = 0
    /// When the Pod has run for as long as it may.
    var activeDeadline: Duration?
    /// What was decided and not yet handed over.
    var outbox: [Action] = []

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
        ShimState(
            shim: shim,
            phase: phase,
            isInitialized: isInitialized,
            hasExceededDeadline: hasExceededDeadline,
            notes: notes,
            containers: members.map { member in
                var record = member.record
                record.isStarted = member.health?.hasStarted == true
                record.isReady = member.health?.isReady == true
                return record
            }
        )
    }

    /// When something is due though nothing happens.
    var deadline: Duration? {
        var deadlines = members.compactMap { member in
            if case .backingOff(let until) = member.stage { until } else { nil }
        }
        deadlines += members.compactMap { $0.health?.deadline }
        deadlines += members.compactMap { $0.stop.flatMap { stop in stop.stage == .killed ? nil : stop.deadline } }
        if let ending, members.contains(where: { $0.isAlive && $0.stop == nil }) { deadlines.append(ending.deadline) }
        if ending == nil, phase == .running, let activeDeadline { deadlines.append(activeDeadline) }
        return deadlines.min()
    }

    /// Takes in what has happened and decides what to do.
    mutating func handle(_ event: Event, at now: Moment) -> [Action] {
        if activeDeadline == nil, let seconds = spec.activeDeadlineSeconds {
            activeDeadline = now.uptime + .seconds(seconds)
        }
        switch event {
        case .started(let index, let process): noteStart(of: index, process, at: now)
        case .exited(let index, let exit): noteExit(of: index, exit, at: now)
        case .notStarted(let index, let failure): noteFailure(of: index, failure, at: now)
        case .stop(let grace): end(within: grace, at: now)
        case .kill: end(within: .zero, at: now)
        case .checked(let index, let kind, let result): noteCheck(of: index, kind, result, at: now)
        case .cleared: phase = .finished
        case .time: break
        }
        guard phase != .finished else { return [] }
        exceedDeadline(at: now)
        advanceChecks(at: now)
        advanceStops(at: now)
        outbox += advance(at: now)
        defer { outbox = [] }
        return outbox
    }

    private mutating func advance(at now: Moment) -> [Action] {
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
            case .running where members[index].health?.hasStarted != true: return false
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
