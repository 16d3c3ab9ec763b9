import KargoCore
public import Logging
import Synchronization

/// What a reconciler wants after it has looked at an object.
public enum ReconcileAction: Sendable, Equatable {
    /// Nothing until the object changes.
    case awaitChange
    /// Another look after a time.
    case requeue(after: Duration)
    /// Another look after a time that grows as long as this is returned, but not later than a limit.
    case backOff(within: Duration?)
}

/// Works on keys as they become due: one at a time for each key, so many at a time for all.
///
/// A reconciler is not told why a key is due and looks at the whole state each time. What it throws is logged, and the
/// key comes back after a growing pause, or the longer one that a server asked for. Keys that are due wait in one line:
/// one that is due again and again waits behind all others each time.
public final class ReconcileLoop<Key: Hashable & Sendable>: Sendable {
    private struct State {
        var queue = WorkQueue<Key>()
        var failures: [Key: Int] = [:]
        var tasks: [Key: Task<ReconcileAction, any Error>] = [:]
        /// When the loop is going to be woken.
        var alarms: Set<Duration> = []
        /// How often the loop has looked at what is due.
        var turns = 0
        var statistics = ReconcileStatistics()
    }

    /// What the loop does next.
    private enum Step {
        case work(Key)
        case setAlarm(Duration)
        case wait
    }

    private let state = Mutex(State())
    private let wakeUps: AsyncStream<Void>
    private let wakeUp: AsyncStream<Void>.Continuation
    private let turned = WaitList<Bool>()
    private let maximumConcurrency: Int
    private let clock: any Clock<Duration>
    private let elapsed: @Sendable () -> Duration
    private let backoff: Backoff
    private let logger: Logger
    private let reconcile: @Sendable (Key) async throws -> ReconcileAction

    /// Makes a loop; it works when it runs.
    ///
    /// - Parameters:
    ///   - maximumConcurrency: How many keys are worked on at a time.
    ///   - clock: What pauses are measured with.
    ///   - backoff: The pauses after failures.
    ///   - logger: Where failures are told.
    ///   - reconcile: Looks at one object and does what has to be done.
    public init(
        maximumConcurrency: Int,
        clock: some Clock<Duration> = .continuous,
        backoff: Backoff = Backoff(first: .milliseconds(500), longest: .seconds(300)),
        logger: Logger,
        reconcile: @escaping @Sendable (Key) async throws -> ReconcileAction
    ) {
        // Level-triggered: one wake-up is as good as many.
        (wakeUps, wakeUp) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        let start = clock.now
        self.clock = clock
        elapsed = { start.duration(to: clock.now) }
        self.maximumConcurrency = maximumConcurrency
        self.backoff = backoff
        self.logger = logger
        self.reconcile = reconcile
    }

    /// Makes a key due.
    public func enqueue(_ key: Key) {
        state.withLock { $0.queue.add(key) }
        wakeUp.yield()
    }

    /// Makes a key due after a time, unless it is due earlier.
    public func enqueue(_ key: Key, after pause: Duration) {
        state.withLock { $0.queue.add(key, at: elapsed() + pause) }
        wakeUp.yield()
    }

    /// Makes a key due and cancels the work on it that is under way.
    public func interrupt(_ key: Key) {
        let task = state.withLock { state in
            state.queue.add(key)
            return state.tasks[key]
        }
        task?.cancel()
        wakeUp.yield()
    }

    /// What the loop has done, and what it has to do.
    public var statistics: ReconcileStatistics {
        state.withLock { state in
            var statistics = state.statistics
            statistics.dueCount = state.queue.dueCount
            statistics.workingCount = state.queue.workingCount
            statistics.maximumConcurrency = maximumConcurrency
            return statistics
        }
    }

    /// Makes the loop look at what is due, and waits until it has done so or the task is cancelled: for ever, if the
    /// loop doesn't run.
    public func turn() async {
        let start = state.withLock(\.turns)
        let hasTurned = { self.state.withLock(\.turns) > start }
        wakeUp.yield()
        while !hasTurned(), !Task.isCancelled { await turned.wait(for: true, unless: hasTurned) }
    }

    /// Works until the task is cancelled; the work that is under way is cancelled with it.
    public func run() async {
        await withDiscardingTaskGroup { group in
            var wakeUps = wakeUps.makeAsyncIterator()
            while !Task.isCancelled {
                steps: while true {
                    switch nextStep() {
                    case .work(let key): group.addTask { await self.work(on: key) }
                    case .setAlarm(let time): group.addTask { await self.wake(at: time) }
                    case .wait: break steps
                    }
                }
                state.withLock { $0.turns += 1 }
                turned.wakeAll()
                if await wakeUps.next() == nil { break }
            }
            group.cancelAll()
        }
    }

    private func nextStep() -> Step {
        state.withLock { state in
            guard state.queue.workingCount < maximumConcurrency else { return .wait }
            switch state.queue.next(at: elapsed()) {
            case .work(let key): return .work(key)
            case .wait(let time):
                // An earlier alarm wakes the loop as well, which then sets the next one.
                guard state.alarms.allSatisfy({ time < $0 }) else { return .wait }
                state.alarms.insert(time)
                return .setAlarm(time)
            case .idle: return .wait
            }
        }
    }

    private func wake(at time: Duration) async {
        // Cancelled with the loop, when nobody needs to be woken.
        try? await clock.sleep(for: max(time - elapsed(), .zero))
        state.withLock { _ = $0.alarms.remove(time) }
        wakeUp.yield()
    }

    /// Works on a key once.
    private func work(on key: Key) async {
        // Unstructured, so that one key can be interrupted; awaited right here and cancelled with this task.
        let task = state.withLock { state in
            // Known before it can read anything, so that an interrupt for what it has read finds it.
            let task = Task { try await self.reconcile(key) }
            state.tasks[key] = task
            return task
        }
        if Task.isCancelled { task.cancel() }
        let start = elapsed()
        let result = await withTaskCancellationHandler {
            await task.result
        } onCancel: {
            task.cancel()
        }
        let pause = pause(after: result, of: key)
        state.withLock { state in
            if let outcome = ReconcileStatistics.Outcome(result) {
                state.statistics.outcomes[outcome, default: 0] += 1
                state.statistics.durations.add(elapsed() - start)
            }
            state.tasks[key] = nil
            if let pause { state.queue.add(key, at: elapsed() + pause) }
            state.queue.finish(key)
        }
        wakeUp.yield()
    }

    private func pause(after result: Result<ReconcileAction, any Error>, of key: Key) -> Duration? {
        let limit: Duration?
        var least = Duration.zero
        switch result {
        case .success(.awaitChange):
            state.withLock { $0.failures[key] = nil }
            return nil
        case .success(.requeue(let duration)):
            state.withLock { $0.failures[key] = nil }
            return duration
        case .success(.backOff(let within)):
            limit = within
        case .failure(is CancellationError):
            return nil
        case .failure(let error):
            limit = nil
            least = (error as? KubernetesError)?.retryAfter ?? .zero
            logger.warning("reconciling failed", metadata: ["key": "\(key)", "error": "\(error)"])
        }
        let failures = state.withLock { state in
            defer { state.failures[key, default: 0] += 1 }
            return state.failures[key, default: 0]
        }
        let pause = max(backoff.duration(afterFailures: failures), least)
        return limit.map { min(pause, max($0, .milliseconds(1))) } ?? pause
    }
}

extension ReconcileStatistics.Outcome {
    /// How a look at an object ended; nil if it was cancelled.
    fileprivate init?(_ result: Result<ReconcileAction, any Error>) {
        switch result {
        case .success(.awaitChange): self = .done
        case .success(.requeue): self = .requeued
        case .success(.backOff): self = .backedOff
        case .failure(is CancellationError): return nil
        case .failure: self = .failed
        }
    }
}
