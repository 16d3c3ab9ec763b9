import KargoCore

extension BuiltinStepKinds {
    /// Adds the kinds that read and change documents and archives.
    static func registerEditingSteps(in registry: inout StepRegistry) {
        registry.register(HCLUpdateStep())
        registry.register(JSONParseStep())
        registry.register(JSONUpdateStep())
        registry.register(TarStep())
        registry.register(TOMLParseStep())
        registry.register(TOMLUpdateStep())
        registry.register(UntarStep())
        registry.register(YAMLMergeStep())
        registry.register(YAMLParseStep())
        registry.register(YAMLUpdateStep())
    }
}
