import KargoCore

/// Gives scalars of a YAML file new values.
struct YAMLUpdateStep: ConfiguredStep {
    static let kind = "yaml-update"
    static var schema: [UInt8] { PackageResources.yaml_update_json }

    func run(_ step: StepContext, _ config: DocumentUpdateConfig) async throws -> StepResult {
        try await config.run(
            in: step.workDir,
            format: "values",
            text: YAMLEditor.scalarText(of:),
            edit: { YAMLEditor.Update(path: try DocumentPath($0.key).parts, value: $0.value) },
            apply: YAMLEditor.apply
        )
    }
}
