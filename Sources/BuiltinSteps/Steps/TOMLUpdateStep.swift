import KargoCore

/// Gives scalars of a TOML file new values.
struct TOMLUpdateStep: ConfiguredStep {
    static let kind = "toml-update"
    static var schema: [UInt8] { PackageResources.toml_update_json }

    func run(_ step: StepContext, _ config: DocumentUpdateConfig) async throws -> StepResult {
        try await config.run(
            in: step.workDir,
            format: "TOML",
            text: { TOMLEditor.text(of: $0) ?? $0.text() },
            edit: { TOMLEditor.Update(path: try DocumentPath($0.key).parts, value: $0.value) },
            apply: TOMLEditor.apply
        )
    }
}
