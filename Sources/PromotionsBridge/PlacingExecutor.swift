import KargoCore

/// Runs steps of a Promotion with plugins where they belong: in its agent, or in this process.
struct PlacingExecutor: StepExecutor {
    let agent: any StepExecutor
    let controller: any StepExecutor
    let isController: @Sendable (_ kind: String) -> Bool

    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        try await (isController(step.kind) ? controller : agent).execute(step, attempt: attempt, timeout: timeout)
    }
}
