import AgentPod
import KargoCore
import Synchronization

/// Runs the steps of a pass in an agent, for which the first of them waits in its own time.
final class AgentExecutor: StepExecutor {
    /// What the first step finds.
    struct Place: Sendable {
        /// What runs steps there.
        let executor: any StepExecutor
        /// Whether it has nothing of what steps before have done.
        let isNew: Bool
        /// How long was waited for what is no fault of the step.
        let excused: Duration
        /// What has become of the attempt that was going on there; nil if it goes on, or there was none.
        let lostAttempt: String?
    }

    /// The place is there, but the steps are not where they seem to be.
    enum Start: PassEnding {
        /// They begin with the first.
        case anew
        /// The one at work has begun later.
        case later(Duration)
    }

    /// There is no place, and no step is to blame.
    struct Trouble: PassEnding {
        let error: any Error
    }

    private enum State {
        case new
        case ready(any StepExecutor)
        case over
    }

    private let prepare: @Sendable (_ attempt: StepAttempt, _ limit: Duration?) async throws -> Place
    private let state = Mutex(State.new)

    init(prepare: @escaping @Sendable (_ attempt: StepAttempt, _ limit: Duration?) async throws -> Place) {
        self.prepare = prepare
    }

    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        switch state.withLock({ $0 }) {
        case .new: break
        case .ready(let executor): return try await executor.execute(step, attempt: attempt, timeout: timeout)
        case .over: throw WorkspaceLostError("there was no agent in the time of an earlier step")
        }
        let start = ContinuousClock.now
        state.withLock { $0 = .over }
        let place = try await place(attempt, timeout)
        state.withLock { $0 = .ready(place.executor) }
        if place.isNew { throw Start.anew }
        if let loss = place.lostAttempt { return .errored(loss) }
        if place.excused >= .seconds(1) { throw Start.later(place.excused) }
        let left = timeout.map { max($0 - start.duration(to: .now), .zero) }
        return try await place.executor.execute(step, attempt: attempt, timeout: left)
    }

    private func place(_ attempt: StepAttempt, _ limit: Duration?) async throws -> Place {
        do {
            return try await prepare(attempt, limit)
        } catch let error as CancellationError {
            throw error
        } catch let error as StepTimeoutError {
            throw error
        } catch let error as any PassEnding {
            throw error
        } catch {
            throw Trouble(error: error)
        }
    }
}

extension PromotionProgress {
    /// Whether an attempt of a step may be going on where the steps run.
    ///
    /// A step that was asked and is not done rests between two calls: it has put out something, if only nothing.
    func mayHaveAttempt(_ index: Int, of plan: PromotionPlan) -> Bool {
        guard let record = stepExecutionMetadata.last(where: { $0.alias == plan.steps[index].as }),
            index == currentStep, record.startedAt != nil, record.finishedAt == nil
        else { return false }
        return record.status != .running || state[record.alias] == nil
    }
}
