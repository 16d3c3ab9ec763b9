public import KargoCore

extension StepRegistry {
    /// Adds the kinds of step that come with the engine: `compose-output`, `copy`, `delete`, `fail`, `file-write`,
    /// `http`, `yaml-parse` and `yaml-update`.
    ///
    /// - Parameter environment: The variables of the process, of which `http` reads `HTTP_PROXY`, `HTTPS_PROXY` and
    ///   `NO_PROXY`.
    public mutating func registerBuiltinSteps(environment: [String: String]) {
        let proxies = ProxyRules(environment: environment)
        register(ComposeOutputStep(), as: StepKind(name: ComposeOutputStep.kind, propagatesOutputToTask: true))
        register(CopyStep())
        register(DeleteStep())
        register(FailStep())
        register(FileWriteStep())
        register(HTTPStep(sender: HTTPSender(resolver: .system, proxies: proxies)))
        register(YAMLParseStep())
        register(YAMLUpdateStep())
    }
}
