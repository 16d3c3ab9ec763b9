import KargoCore

extension BuiltinStepKinds {
    /// Registers the kinds of step that work on kustomizations and Helm charts.
    static func registerRenderSteps(
        in registry: inout StepRegistry,
        capabilities: StepCapabilities,
        environment: [String: String]
    ) {
        registry.register(KustomizeSetImageStep(controlPlane: capabilities.controlPlane))
    }
}
