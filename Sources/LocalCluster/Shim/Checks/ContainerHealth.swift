/// What the probes of a container have found out since its start, by the rules of the kubelet; a value that decides
/// when a probe is made and does nothing.
struct ContainerHealth: Sendable {
    /// What follows from the probes.
    enum Consequence: Sendable, Hashable {
        /// Make a check.
        case check(CheckKind)
        /// Give up a check that takes too long.
        case cancel(CheckKind)
        /// Tell that a check has failed.
        case tell(CheckKind, String)
        /// End the container, which has failed a probe for good.
        case end(CheckKind)
    }

    /// Whether the container has started: its hook has run and its startup probe has succeeded.
    private(set) var hasStarted: Bool
    /// Whether the container can be used.
    var isReady: Bool { hasStarted && !hasEnded && isFit }

    private let plan: CheckPlan
    private let start: Duration
    private var isFit: Bool
    /// Whether a probe has failed for good, so that none is made any more.
    private var hasEnded = false
    private var isHookDone: Bool
    private var probes: [CheckKind: Progress] = [:]

    private struct Progress: Sendable {
        var next: Duration
        /// When the one that is being made has to be done.
        var limit: Duration?
        var successes: Int32 = 0
        var failures: Int32 = 0
    }

    /// Makes the health of a container that starts now.
    init(_ plan: CheckPlan, at start: Duration) {
        self.plan = plan
        self.start = start
        hasStarted = plan.startup == nil && plan.postStart == nil
        isHookDone = plan.postStart == nil
        isFit = plan.readiness == nil
    }

    /// When a probe is to be made, or has taken too long.
    var deadline: Duration? {
        guard !hasEnded else { return nil }
        return
            due.map { kind in
                let progress = progress(kind)
                return progress.limit ?? progress.next
            }
            .min()
    }

    /// The probes that are made at present.
    private var due: [CheckKind] {
        let kinds: [CheckKind] = plan.startup != nil && !isStartupDone ? [.startup] : [.readiness, .liveness]
        return kinds.filter { plan.probe($0) != nil }
    }

    private var isStartupDone = false

    /// What is being checked.
    var running: [CheckKind] {
        CheckKind.allCases.filter { probes[$0]?.limit != nil }
    }

    /// What has become due.
    mutating func advance(at now: Duration) -> [Consequence] {
        var consequences: [Consequence] = []
        guard !hasEnded else { return [] }
        for kind in due {
            guard let probe = plan.probe(kind) else { continue }
            var progress = progress(kind)
            if let limit = progress.limit {
                guard limit <= now else { continue }
                consequences.append(.cancel(kind))
                consequences += note(
                    kind,
                    CheckResult(isSuccess: false, message: "no answer within \(probe.timeoutSeconds)s"),
                    at: now
                )
                if hasEnded { return consequences }
            } else if progress.next <= now {
                progress.limit = now + .seconds(probe.timeoutSeconds)
                progress.next = now + .seconds(probe.periodSeconds)
                probes[kind] = progress
                consequences.append(.check(kind))
            }
        }
        return consequences
    }

    /// Takes in how a probe went.
    mutating func note(_ kind: CheckKind, _ result: CheckResult, at now: Duration) -> [Consequence] {
        guard let probe = plan.probe(kind), var progress = probes[kind], progress.limit != nil, !hasEnded
        else { return [] }
        progress.limit = nil
        progress.next = max(progress.next, now)
        progress.successes = result.isSuccess ? progress.successes + 1 : 0
        progress.failures = result.isSuccess ? 0 : progress.failures + 1
        probes[kind] = progress
        if result.isSuccess {
            guard progress.successes >= probe.successThreshold else { return [] }
            switch kind {
            case .startup:
                isStartupDone = true
                hasStarted = isHookDone
            case .readiness: isFit = true
            case .liveness, .postStart, .preStop: break
            }
            return []
        }
        var consequences = [Consequence.tell(kind, result.message)]
        guard progress.failures >= probe.failureThreshold else { return consequences }
        if kind == .readiness {
            isFit = false
        } else {
            hasEnded = true
            consequences.append(.end(kind))
        }
        return consequences
    }

    /// Takes note that the hook of the start has run.
    mutating func noteHook() {
        isHookDone = true
        hasStarted = plan.startup == nil || isStartupDone
    }

    /// Makes no probe any more.
    mutating func end() { hasEnded = true }

    private func progress(_ kind: CheckKind) -> Progress {
        probes[kind] ?? Progress(next: start + .seconds(plan.probe(kind)?.initialDelaySeconds ?? 0))
    }
}
