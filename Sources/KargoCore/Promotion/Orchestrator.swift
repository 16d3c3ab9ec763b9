#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Runs the steps of a Promotion by Kargo's rules, wherever each of them runs.
///
/// ## Guarantees
/// Progress is recorded before each step starts and whenever one pass ends, so that no step that was recorded as
/// complete runs again. A step that fails does not stop the ones after it: each is visited and decides by its
/// condition. No message holds the value of a Secret that an expression has read.
public struct Orchestrator: Sendable {
    /// How a pass over the steps ended.
    public enum Outcome: Sendable, Equatable {
        /// A step is not done; look again after this time.
        case running(after: Duration)
        /// An attempt failed and another one follows; the caller chooses when, but not later than this.
        case retrying(within: Duration?)
        /// All steps were visited.
        case finished(phase: PromotionPhase, message: String)
    }

    /// When to look again at a running step whose kind does not say.
    public static let defaultPollInterval = Duration.seconds(300)
    /// The longest rest between two looks at a running step, whatever it asks for: an agent ends that nobody has called
    /// for a day.
    static let longestPollInterval = Duration.seconds(3600)
    /// What a step gets for the last look at it, when its time is up already.
    private static let lastAttemptLimit = Duration.seconds(10)

    private let executor: any StepExecutor
    private let kinds: @Sendable (String) -> StepKindLookup
    private let data: any ExpressionData
    private let redactor: SecretRedactor
    private let now: @Sendable () -> Date

    /// Makes an orchestrator.
    ///
    /// - Parameters:
    ///   - executor: What runs the steps.
    ///   - kinds: Finds a kind.
    ///   - data: What functions of expressions read.
    ///   - redactor: Learns the values of Secrets, and keeps them out of messages.
    ///   - now: The clock.
    public init(
        executor: any StepExecutor,
        kinds: @escaping @Sendable (String) -> StepKindLookup,
        data: any ExpressionData,
        redactor: SecretRedactor,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.executor = executor
        self.kinds = kinds
        self.data = data
        self.redactor = redactor
        self.now = now
    }

    /// Runs steps until one is not done or all are visited.
    ///
    /// - Parameters:
    ///   - plan: The steps and what they are about.
    ///   - progress: Where to begin; brought up to date as steps go on.
    ///   - record: Makes the progress last. It is not called for the progress on return: the caller records that
    ///     together with the outcome.
    /// - Returns: How the pass ended.
    /// - Throws: `CancellationError` when the task was cancelled, ``PassEnding`` errors, and what `record` throws. A
    ///   step that breaks is no error.
    public func run(
        _ plan: PromotionPlan,
        progress: inout PromotionProgress,
        record: (PromotionProgress) async throws -> Void
    ) async throws -> Outcome {
        let begin = progress.currentStep
        while progress.currentStep < plan.steps.count {
            try Task.checkCancellation()
            let index = progress.currentStep
            let isRecorded = index == begin
            let outcome = try await runStep(
                index,
                of: plan,
                isRecorded: isRecorded,
                progress: &progress,
                record: record
            )
            progress.redactMessages(with: redactor)
            if let outcome { return outcome }
            if index + 1 == plan.steps.count { break }
            progress.currentStep += 1
        }
        let (phase, message) = progress.finalPhase
        return .finished(phase: phase, message: message)
    }

    /// Brings one step as far as it goes; nil when it is over.
    ///
    /// What has become of the steps before is recorded first, unless it is already.
    private func runStep(
        _ index: Int,
        of plan: PromotionPlan,
        isRecorded: Bool,
        progress: inout PromotionProgress,
        record: (PromotionProgress) async throws -> Void
    ) async throws -> Outcome? {
        let step = plan.steps[index]
        let entry = progress.entry(ofStep: index, of: plan)
        if progress.stepExecutionMetadata[entry].finishedAt != nil { return nil }
        let evaluator = StepEvaluator(
            plan: plan,
            step: step,
            progress: progress,
            data: data,
            redactor: redactor
        )
        let isFirstAttempt = progress.stepExecutionMetadata[entry].startedAt == nil
        if isFirstAttempt {
            do {
                guard try await evaluator.shouldRun() else {
                    progress.stepExecutionMetadata[entry].status = .skipped
                    return nil
                }
            } catch let error as ExpressionError {
                progress.fail(entry, "the step's condition can't be evaluated: \(error)")
                return nil
            }
        }
        let kind: StepKind
        switch kinds(step.uses) {
        case .found(let found): kind = found
        case .unavailable(let reason):
            progress.fail(entry, reason)
            return nil
        }
        if isFirstAttempt {
            progress.stepExecutionMetadata[entry].startedAt = KubernetesTime(now())
            progress.stepExecutionMetadata[entry].status = .running
        }
        let config: JSONValue
        do {
            config = try await evaluator.config()
        } catch let error as ExpressionError {
            progress.fail(entry, "the step's configuration can't be evaluated: \(error)")
            return nil
        }
        if isFirstAttempt || !isRecorded { try await record(progress) }
        let limits = StepLimits(step.retry, kind: kind)
        let context = plan.context(of: step, config: config, state: progress.state)
        let result = try await execute(
            context,
            entry: entry,
            index: index,
            limits: limits,
            isFirstAttempt: isFirstAttempt,
            progress: &progress
        )
        guard let result else { return nil }
        progress.recordOutput(result.output, of: step.as, kind: kind)
        let verdict = StepVerdict(
            result,
            metadata: &progress.stepExecutionMetadata[entry],
            limits: limits,
            now: now()
        )
        switch verdict {
        case .complete:
            if progress.stepExecutionMetadata[entry].status == .succeeded, let check = result.healthCheck {
                progress.healthChecks.append(check)
            }
            return nil
        case .poll(let suggested):
            let wanted = suggested.map { max($0, kind.minimumPollInterval) } ?? Self.defaultPollInterval
            let base = min(wanted, Self.longestPollInterval)
            let remaining = progress.stepExecutionMetadata[entry].remainingTime(limits: limits, now: now())
            return .running(after: max(.milliseconds(1), min(base, remaining ?? base)))
        case .retry:
            return .retrying(
                within: progress.stepExecutionMetadata[entry].remainingTime(limits: limits, now: now())
            )
        }
    }

    /// Runs one attempt; nil when the step's time was up, which is recorded.
    private func execute(
        _ context: StepContext,
        entry: Int,
        index: Int,
        limits: StepLimits,
        isFirstAttempt: Bool,
        progress: inout PromotionProgress
    ) async throws -> StepResult? {
        let metadata = progress.stepExecutionMetadata[entry]
        // The recorded start has no fraction of a second; the first attempt has the step's whole time.
        let timeout =
            isFirstAttempt
            ? limits.timeout
            : metadata.remainingTime(limits: limits, now: now()).map { max($0, Self.lastAttemptLimit) }
        do {
            return try await executor.execute(
                context,
                attempt: StepAttempt(step: index, errorCount: metadata.errorCount),
                timeout: timeout
            )
        } catch let error as StepTimeoutError {
            if !error.reason.isEmpty { progress.stepExecutionMetadata[entry].message = error.reason }
            progress.stepExecutionMetadata[entry].expire(limits: limits)
            progress.stepExecutionMetadata[entry].finishedAt = KubernetesTime(now())
            return nil
        } catch let error as CancellationError {
            throw error
        } catch let error as any PassEnding {
            throw error
        } catch {
            return .errored(String(describing: error))
        }
    }
}

extension PromotionProgress {
    /// The place of a step's record, which is made if there is none.
    fileprivate mutating func entry(ofStep index: Int, of plan: PromotionPlan) -> Int {
        if let known = record(ofStep: index, of: plan) { return known }
        let step = plan.steps[index]
        var metadata = StepExecutionMetadata(alias: step.as)
        metadata.continueOnError = step.continueOnError
        stepExecutionMetadata.append(metadata)
        return stepExecutionMetadata.count - 1
    }

    fileprivate mutating func redactMessages(with redactor: SecretRedactor) {
        for index in stepExecutionMetadata.indices {
            stepExecutionMetadata[index].message = redactor.redact(stepExecutionMetadata[index].message)
        }
    }

    /// Records that a step could not even be started.
    fileprivate mutating func fail(_ entry: Int, _ message: String) {
        stepExecutionMetadata[entry].status = .errored
        stepExecutionMetadata[entry].message = message
    }
}
