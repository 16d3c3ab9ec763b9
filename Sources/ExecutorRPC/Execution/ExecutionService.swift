public import KargoCore
import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Runs executions and keeps their results until they are asked for.
public final class ExecutionService: Sendable {
    private struct State {
        var table = ExecutionTable()
        var tasks: [String: Task<Void, Never>] = [:]
        var starts: [String: KubernetesMicroTime] = [:]
        var desks: [String: CapabilityDesk] = [:]

        func report(_ id: String, _ result: StepResult?, bootID: String) -> ExecutionReport {
            ExecutionReport(id: id, bootID: bootID, startedAt: starts[id], result: result)
        }
    }

    /// Why an execution can't be started.
    public struct Busy: Error, Hashable {
        /// The execution that goes on.
        public var running: String
    }

    /// The longest time of a step in seconds, some 300 years; a `Duration` does not hold any number.
    private static let longestTimeout = 1e10

    private let state = Mutex(State())
    /// Woken when an execution ends or asks.
    private let changes = WaitList<String>()
    private let bootID: String
    private let run: @Sendable (StepContext, Duration?) async throws -> StepResult
    private let clock: any Clock<Duration>
    private let now: @Sendable () -> Date

    /// Makes a service.
    ///
    /// - Parameters:
    ///   - bootID: Names the life of the agent.
    ///   - clock: What waiting is measured with.
    ///   - now: The time of day.
    ///   - run: Runs an attempt of a step; see ``StepDispatcher/run(_:timeout:)``.
    public init(
        bootID: String,
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() },
        run: @escaping @Sendable (StepContext, Duration?) async throws -> StepResult
    ) {
        self.bootID = bootID
        self.clock = clock
        self.now = now
        self.run = run
    }

    /// Starts an execution, unless one of that identifier was started before.
    ///
    /// - Returns: How it stands.
    /// - Throws: ``Busy`` while another one goes on.
    public func start(_ start: ExecutionStart) throws(Busy) -> ExecutionReport {
        let refusal = state.withLock { state -> Busy? in
            switch state.table.start(start.id) {
            case .known: return nil
            case .refused(let running): return Busy(running: running)
            case .run:
                state.starts = [start.id: KubernetesMicroTime(now())]
                let desk = CapabilityDesk { self.changes.wake(start.id) }
                state.desks[start.id] = desk
                // Unstructured, because it outlives the request that starts it; cancelled by cancel(_:) and
                // cancelAll(), awaited by cancelAll().
                state.tasks[start.id] = Task { await self.execute(start, desk) }
                return nil
            }
        }
        if let refusal { throw refusal }
        return report(start.id) ?? ExecutionReport(id: start.id, bootID: bootID)
    }

    private func execute(_ start: ExecutionStart, _ desk: CapabilityDesk) async {
        let result: StepResult
        do {
            let timeout = start.timeout.map { Duration.seconds(min(max($0, 0), Self.longestTimeout)) }
            result = try await CapabilityDesk.$current.withValue(desk) { try await run(start.step, timeout) }
        } catch is CancellationError {
            result = .errored("the step was cancelled")
        } catch {
            result = .errored(String(describing: error))
        }
        desk.close()
        let told = desk.redact(result)
        state.withLock { state in
            state.table.finish(start.id, told)
            state.tasks[start.id] = nil
            state.desks[start.id] = nil
        }
        changes.wake(start.id)
    }

    /// Waits for the end of an execution, or until it needs something, but not longer than a limit.
    ///
    /// - Returns: How it stands; nil if there is none.
    public func wait(for id: String, limit: Duration) async -> ExecutionReport? {
        await wait(for: id, limit: limit) { state in state.tasks[id] == nil || state.desks[id]?.pending.isEmpty == false
        }
    }

    private func wait(
        for id: String,
        limit: Duration,
        until isDone: @escaping @Sendable (State) -> Bool
    ) async -> ExecutionReport? {
        let limit = min(limit, AgentProtocol.longestWait)
        if limit > .zero {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled, !self.state.withLock({ isDone($0) }) {
                        await self.changes.wait(for: id) { self.state.withLock { isDone($0) } }
                    }
                }
                // Cancelled as soon as there is something to tell.
                group.addTask { try? await self.clock.sleep(for: limit) }
                await group.next()
                group.cancelAll()
            }
        }
        return report(id)
    }

    /// Answers what an execution needs; an answer that it does not wait for is forgotten.
    ///
    /// - Returns: How it stands; nil if there is none.
    public func answer(_ id: String, _ answers: [CapabilityAnswer]) -> ExecutionReport? {
        state.withLock { $0.desks[id] }?.answer(answers)
        return report(id)
    }

    /// Cancels an execution and waits a little for its end.
    ///
    /// - Returns: How it stands; nil if there is none.
    public func cancel(_ id: String) async -> ExecutionReport? {
        state.withLock { $0.tasks[id] }?.cancel()
        return await wait(for: id, limit: .seconds(2)) { $0.tasks[id] == nil }
    }

    /// Cancels all executions and waits for their ends.
    public func cancelAll() async {
        let tasks = state.withLock { Array($0.tasks.values) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// The execution that was the last to start, if there was one.
    public var list: ExecutionList {
        state.withLock { state in
            ExecutionList(
                bootID: bootID,
                executions: state.table.all.map { state.report($0.id, $0.result, bootID: bootID) }
            )
        }
    }

    private func report(_ id: String) -> ExecutionReport? {
        state.withLock { state in
            state.table.result(of: id)
                .map { result in
                    var report = state.report(id, result, bootID: bootID)
                    report.needs = state.desks[id]?.pending ?? []
                    return report
                }
        }
    }
}
