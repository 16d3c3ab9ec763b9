import KargoCore

extension BuiltinStepKinds {
    /// Registers what calls services that host git repositories.
    static func registerHostingSteps(
        in registry: inout StepRegistry,
        capabilities: StepCapabilities,
        environment: [String: String]
    ) {
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
        registry.register(GitMergePRStep(hosting: hosting))
        registry.register(GitWaitForPRStep(hosting: hosting))
    }
}
