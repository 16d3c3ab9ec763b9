public import KargoCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The kinds of step that come with Kargo, and those of its enterprise edition that need no paid service.
public enum BuiltinStepKinds {
    /// What steps name them by in `uses`.
    public static var names: Set<String> { Set(access.keys) }

    /// Makes the kinds, hands them to the body, and gives back what they hold when it is done.
    ///
    /// - Parameters:
    ///   - capabilities: What steps may ask for besides files.
    ///   - environment: The variables of the process: proxies, the `PATH` where programs are found, and the settings
    ///     of steps.
    ///   - isolation: What keeps programs to the files they need; for a host of steps beside plugins.
    ///   - body: What uses the kinds.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; a setting that can't be understood.
    public static func withRegistry<Result>(
        capabilities: StepCapabilities,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        isolation: ProgramIsolation? = nil,
        _ body: (StepRegistry) async throws -> Result
    ) async throws -> Result {
        let sender = HTTPSender(resolver: .system, proxies: ProxyRules(environment: environment))
        var registry = StepRegistry(access: access)
        registry.register(ComposeOutputStep(), as: StepKind(name: ComposeOutputStep.kind, propagatesOutputToTask: true))
        registry.register(CopyStep())
        registry.register(DeleteStep())
        registry.register(FailStep())
        registry.register(FileWriteStep())
        registry.register(HTTPStep(sender: sender))
        registry.register(YAMLParseStep())
        registry.register(YAMLUpdateStep())
        registerTransferSteps(
            in: &registry,
            sender: sender,
            capabilities: capabilities,
            environment: environment
        )
        registerControlSteps(in: &registry, capabilities: capabilities)
        registerRenderSteps(
            in: &registry,
            capabilities: capabilities,
            environment: environment,
            isolation: isolation,
            sender: sender
        )
        registerEditingSteps(in: &registry)
        let attempts = try PushAttempts(environment: environment)
        try registerGitSteps(
            in: &registry,
            capabilities: capabilities,
            attempts: attempts,
            environment: environment,
            isolation: isolation
        )
        try registerHostingSteps(
            in: &registry,
            capabilities: capabilities,
            attempts: attempts,
            environment: environment,
            isolation: isolation
        )
        return try await body(registry)
    }
}
