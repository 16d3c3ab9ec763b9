import KargoCore

/// The wait for an agent: how long it may take, and what is told meanwhile.
///
/// It is measured by this process's own clock: that of the API server may differ.
struct AgentWait {
    let hooks: AgentHooks
    /// How long the agent may take to answer, from the making of its Pod, or from when this process first saw it.
    private let limit: Duration
    /// The time that the step has which waits; nil is for ever.
    private var stepLimit: Duration?
    private let elapsed: @Sendable () -> Duration
    private var began = Duration.zero
    private var loss = ""
    private var told = ""
    /// How long something was waited for that counts against nobody.
    private(set) var excused = Duration.zero

    init(_ hooks: AgentHooks, limit: Duration, stepLimit: Duration?, clock: some Clock<Duration>) {
        self.hooks = hooks
        self.limit = limit
        self.stepLimit = stepLimit
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
    }

    /// What is left of the time.
    var left: Duration {
        let now = elapsed()
        let left = limit - (now - began)
        return max(.zero, stepLimit.map { min($0 - now, left) } ?? left)
    }

    /// Gives up when the time has passed.
    ///
    /// - Parameter reason: What is waited for.
    /// - Throws: `StepTimeoutError` where it was the step's; ``AgentStartFailure``.
    func check(_ reason: String) throws {
        let now = elapsed()
        if let stepLimit, now >= stepLimit { throw StepTimeoutError(reason) }
        if now - began >= limit { throw AgentStartFailure("the agent did not start in time: \(reason)") }
    }

    /// Begins to measure anew.
    mutating func restart() { began = elapsed() }

    /// Lets something happen that counts against nobody.
    mutating func excusing(_ body: () async throws -> Void) async rethrows {
        let start = elapsed()
        try await body()
        let time = elapsed() - start
        excused += time
        began += time
        stepLimit = stepLimit.map { $0 + time }
    }

    // MARK: What is told

    /// Puts in front of what is told how the last Pod was lost.
    mutating func remember(_ record: AgentPodRecord, of maximum: Int64) {
        guard record.losses > 0 else { return }
        let cause = record.cause.isEmpty ? "" : ": \(record.cause)"
        loss = "restarted from the first step (\(record.losses) of \(maximum))\(cause)"
    }

    /// Begins anew with the first step, which may take its own time, and tells it.
    mutating func lose(_ record: AgentPodRecord, of maximum: Int64) async {
        stepLimit = nil
        restart()
        remember(record, of: maximum)
        told = ""
        await tell("")
    }

    /// Tells what is waited for, unless that was told.
    mutating func tell(_ message: String) async {
        let message = [loss, message].filter { !$0.isEmpty }.joined(separator: "; ")
        guard message != told else { return }
        told = message
        await hooks.note(message)
    }

    /// Takes back what was told.
    mutating func end() async {
        guard !told.isEmpty else { return }
        told = ""
        await hooks.note("")
    }
}
