import KargoCore

/// Runs steps of a Promotion with plugins where they belong: in its agent, or in this process.
struct PlacingExecutor: StepExecutor {
    let agent: any StepExecutor
    let controller: any StepExecutor
    let isController: @Sendable (_ kind: String) -> Bool
    /// What the configuration of plugins' steps has to fit, by kind.
    let schemas: [String: JSONValue]

    /// Runs an attempt; a configuration that does not fit never reaches its plugin.
    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult {
        if let schema = schemas[step.kind] {
            let problems = SchemaValidator.problems(of: step.config.isNull ? [:] : step.config, schema)
            guard problems.isEmpty else {
                return .failed(ConfigError(kind: step.kind, problems: problems).description)
            }
        }
        return try await (isController(step.kind) ? controller : agent)
            .execute(step, attempt: attempt, timeout: timeout)
    }
}
