public import KargoCore

// FOR HELPER (steps): placeholder by the lead so that the executables compile. Replace the body with the real thing
// (all eight kinds; the HTTP client for `http` made and shut down here), keep this name and signature, remove this note.

/// The kinds of step that come with Kargo.
public enum BuiltinStepKinds {
    /// Makes the kinds, hands them to the body, and gives back what they hold when it is done.
    public static func withRegistry<Result>(_ body: (StepRegistry) async throws -> Result) async throws -> Result {
        var registry = StepRegistry()
        registry.register(CopyStep())
        registry.register(DeleteStep())
        registry.register(FileWriteStep())
        registry.register(FailStep())
        registry.register(ComposeOutputStep())
        registry.register(YAMLParseStep())
        registry.register(YAMLUpdateStep())
        return try await body(registry)
    }
}
