import KargoCore

extension BuiltinStepKinds {
    /// Registers the kinds of step that work on kustomizations and Helm charts.
    static func registerRenderSteps(
        in registry: inout StepRegistry,
        capabilities: StepCapabilities,
        environment: [String: String],
        isolation: ProgramIsolation?,
        sender: HTTPSender
    ) {
        let programs = ProgramEnvironment(environment: environment, isolation: isolation)
        registry.register(
            HelmTemplateStep(credentials: capabilities.credentials, sender: sender, environment: programs)
        )
        registry.register(
            HelmUpdateChartStep(credentials: capabilities.credentials, sender: sender, environment: programs)
        )
        let git = GitProgram(environment: environment, isolation: isolation)
        registry.register(KustomizeBuildStep(sender: sender, environment: programs, git: git))
        registry.register(KustomizeSetImageStep(controlPlane: capabilities.controlPlane))
    }
}
