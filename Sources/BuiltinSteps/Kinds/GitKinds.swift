import KargoCore

extension BuiltinStepKinds {
    /// Adds the kinds that are about git repositories.
    ///
    /// - Throws: ``GitError`` for a variable that means nothing.
    static func registerGitSteps(
        in registry: inout StepRegistry,
        capabilities: StepCapabilities,
        attempts: PushAttempts,
        environment: [String: String],
        isolation: ProgramIsolation?
    ) throws(GitError) {
        let program = GitProgram(environment: environment, isolation: isolation)
        registry.register(GitClearStep(program: program))
        registry.register(GitCloneStep(program: program, capabilities: capabilities))
        registry.register(GitCommitStep(program: program))
        registry.register(GitPushStep(program: program, capabilities: capabilities, attempts: attempts))
        registry.register(GitTagStep(program: program))
    }

    /// Removes passwords and keys of repositories that a killed process has left in files.
    ///
    /// - Parameter privateDirectory: The private directory of steps, of which none is at work.
    /// - Throws: What can't be removed.
    public static func removeSecrets(below privateDirectory: String) throws {
        try GitStore.removeSecrets(below: privateDirectory)
    }
}
