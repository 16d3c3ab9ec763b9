public import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Runs steps in this process.
///
/// Each Promotion has a directory of its own. If it is not there, the Promotion begins with its first step and with the
/// outputs of the run before, as in Kargo; if it is, the Promotion goes on. One that had begun says that it begins anew,
/// and its failed attempts and the time of the step at work go on counting.
public struct LocalEngine: Sendable {
    fileprivate static let workDir = "workspace"
    fileprivate static let privateDir = "private"
    private static let beginsAnew = "begun anew from the first step, because its work directory is gone"

    private let root: String
    private let executor: LocalStepExecutor

    /// Makes an engine.
    ///
    /// - Parameters:
    ///   - root: Where the directories of Promotions are.
    ///   - registry: The kinds of step.
    ///   - maximumConcurrency: How many steps run at a time.
    public init(root: String, registry: StepRegistry, maximumConcurrency: Int) {
        self.root = root
        executor = LocalStepExecutor(registry: registry, limit: ConcurrencyLimit(maximumConcurrency))
    }

    /// Runs the steps of a Promotion.
    ///
    /// - Parameters:
    ///   - run: The Promotion.
    ///   - orchestrator: Makes what runs the steps.
    /// - Returns: How it went.
    /// - Throws: As ``PromotionEngine/run(_:)``, and when the directory can't be made.
    func run(
        _ run: PromotionRun,
        orchestrator: (any StepExecutor) -> Orchestrator
    ) async throws -> PromotionRunResult {
        let directory = directory(of: run.promotion)
        var progress = PromotionProgress(run.promotion.status)
        var record = run.hooks.record
        if try makeIfMissing(directory) {
            let hasBegun = !progress.stepExecutionMetadata.isEmpty
            progress = progress.begunAnew
            if hasBegun {
                record = { progress in
                    try await run.hooks.record(progress)
                    // Each record takes the message away.
                    await run.hooks.note(Self.beginsAnew)
                }
                try await record(progress)
            }
        }
        let plan = PromotionPlan(
            run.promotion.spec,
            promotion: run.context,
            workDir: "\(directory)/\(Self.workDir)",
            privateDir: "\(directory)/\(Self.privateDir)"
        )
        let outcome = try await orchestrator(executor).run(plan, progress: &progress, record: record)
        return PromotionRunResult(outcome: outcome, progress: progress)
    }

    /// What runs steps of a Promotion here whose work directory is elsewhere; they find an empty one.
    func executor(beside promotion: Promotion) -> any StepExecutor {
        GuestExecutor(executor: executor) { [self] in
            let directory = directory(of: promotion)
            _ = try makeIfMissing(directory)
            return directory
        }
    }

    /// Removes the directory of a Promotion.
    func end(_ promotion: Promotion) throws {
        let directory = directory(of: promotion)
        guard FileManager.default.fileExists(atPath: directory) else { return }
        try FileManager.default.removeItem(atPath: directory)
    }

    /// Removes the directories of Promotions that are over.
    func removeLeftovers(keeping uids: Set<String>) throws {
        let kept = Set(uids.map { "promotion-\($0)" })
        guard FileManager.default.fileExists(atPath: root) else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: root)
        where (name.hasPrefix("promotion-") && !kept.contains(name)) || name.hasPrefix(".draft-") {
            try FileManager.default.removeItem(atPath: "\(root)/\(name)")
        }
    }

    private func directory(of promotion: Promotion) -> String { "\(root)/promotion-\(promotion.metadata.uid)" }

    private func makeIfMissing(_ directory: String) throws -> Bool {
        guard !FileManager.default.fileExists(atPath: directory) else { return false }
        // Made under another name first, so that a half-made directory is never taken for one that was used.
        let draft = "\(root)/.draft-\(UUID().uuidString)"
        for name in [Self.workDir, Self.privateDir] {
            try FileManager.default.createDirectory(
                atPath: "\(draft)/\(name)",
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
        try FileManager.default.moveItem(atPath: draft, toPath: directory)
        return true
    }
}

/// Runs attempts in this process, so many at a time.
private struct LocalStepExecutor: StepExecutor {
    let registry: StepRegistry
    let limit: ConcurrencyLimit

    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        guard let runner = registry.runner(step.kind) else {
            return .erroredForGood("no step kind \"\(step.kind)\" runs in the controller")
        }
        return try await limit.withPermit {
            guard let timeout else { return try await runner.run(step) }
            return try await withThrowingTaskGroup(of: StepResult.self) { group in
                group.addTask { try await runner.run(step) }
                group.addTask {
                    try await ContinuousClock().sleep(for: timeout)
                    throw StepTimeoutError()
                }
                defer { group.cancelAll() }
                guard let result = try await group.next() else { throw StepTimeoutError() }
                return result
            }
        }
    }
}

/// Runs attempts of steps in this process that were planned for another place.
private struct GuestExecutor: StepExecutor {
    let executor: LocalStepExecutor
    let directory: @Sendable () throws -> String

    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        let directory = try directory()
        var step = step
        step.workDir = "\(directory)/\(LocalEngine.workDir)"
        step.privateDir = "\(directory)/\(LocalEngine.privateDir)"
        step.gitDir = nil
        return try await executor.execute(step, attempt: attempt, timeout: timeout)
    }
}
