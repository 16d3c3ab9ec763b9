import KargoCore

/// Gives attributes of an HCL file new values.
struct HCLUpdateStep: ConfiguredStep {
    static let kind = "hcl-update"
    static var schema: [UInt8] { PackageResources.hcl_update_json }

    func run(_ step: StepContext, _ config: DocumentUpdateConfig) async throws -> StepResult {
        try await config.run(
            in: step.workDir,
            format: "HCL",
            text: HCLEditor.text(of:),
            edit: { HCLEditor.Update(path: try DocumentPath($0.key).parts, value: $0.value) },
            apply: HCLEditor.apply
        )
    }
}
