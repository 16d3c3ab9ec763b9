import KargoCore

extension BuiltinStepKinds {
    /// The kinds that work on objects of the cluster.
    static func registerControlSteps(in registry: inout StepRegistry, capabilities: StepCapabilities) {
        let timeout = ArgoCDUpdateStep.timeout
        registry.register(
            ArgoCDUpdateStep(applications: capabilities.argoCD),
            as: StepKind(name: ArgoCDUpdateStep.kind, defaultTimeout: timeout)
        )
        registry.register(
            ArgoCDWaitStep(applications: capabilities.argoCD),
            as: StepKind(name: ArgoCDWaitStep.kind, defaultTimeout: timeout)
        )
        registry.register(RecordAuditEventStep(controlPlane: capabilities.controlPlane))
        registry.register(SetFreightAliasStep(controlPlane: capabilities.controlPlane))
        registry.register(SetMetadataStep(controlPlane: capabilities.controlPlane))
    }
}
