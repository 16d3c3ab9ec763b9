import KargoCore

extension BuiltinStepKinds {
    /// Registers what calls services that host git repositories.
    ///
    /// - Parameters:
    ///   - registry: Where to.
    ///   - capabilities: What the steps may ask for.
    ///   - attempts: What makes pushes of this process take turns.
    ///   - environment: The variables of the process.
    ///   - isolation: What keeps git to the files it needs.
    /// - Throws: ``GitError`` for a variable that means nothing.
    static func registerHostingSteps(
        in registry: inout StepRegistry,
        capabilities: StepCapabilities,
        attempts: PushAttempts,
        environment: [String: String],
        isolation: ProgramIsolation?
    ) throws(GitError) {
        let program = GitProgram(environment: environment, isolation: isolation)
        let proxies = ProxyRules(environment: environment)
        let hosting = HostingAccess(credentials: capabilities.credentials, proxies: proxies)
        registry.register(GHADispatchWorkflowStep(hosting: hosting))
        registry.register(GHAWaitForWorkflowStep(hosting: hosting))
        registry.register(GHCreateIssueStep(hosting: hosting, controlPlane: capabilities.controlPlane))
        registry.register(GHIssueAddCommentStep(hosting: hosting))
        registry.register(GHIssueDeleteCommentStep(hosting: hosting))
        registry.register(GHIssueUpdateCommentStep(hosting: hosting))
        registry.register(GHSearchIssuesStep(hosting: hosting))
        registry.register(GHUpdateIssueStep(hosting: hosting))
        registry.register(GHWaitForIssueStateStep(hosting: hosting))
        registry.register(
            GitHubPushStep(
                program: program,
                capabilities: capabilities,
                hosting: hosting,
                attempts: attempts,
                rules: try GitHubPushRules(environment: environment)
            )
        )
        registry.register(GitMergePRStep(hosting: hosting))
        registry.register(GitOpenPRStep(program: program, capabilities: capabilities, hosting: hosting))
        registry.register(GitWaitForPRStep(hosting: hosting))
    }
}
