import KargoCore

extension BuiltinStepKinds {
    /// Adds the kinds that move artifacts: `http-download`, `oci-download` and `oci-push`.
    static func registerTransferSteps(
        in registry: inout StepRegistry,
        sender: HTTPSender,
        capabilities: StepCapabilities,
        environment: [String: String]
    ) {
        let limit = { (name: String) in environment[name].flatMap(SizeLimit.init) }
        let access = OCIAccess(
            sender: sender,
            credentials: capabilities.credentials,
            policy: RegistryPolicy(environment: environment)
        )
        registry.register(HTTPDownloadStep(sender: sender))
        registry.register(
            OCIDownloadStep(access: access, limit: limit("MAX_OCI_DOWNLOAD_SIZE") ?? OCIDownloadStep.standardLimit)
        )
        registry.register(
            OCIPushStep(access: access, limit: limit("MAX_OCI_PUSH_ARTIFACT_SIZE") ?? OCIPushStep.standardLimit)
        )
    }
}
