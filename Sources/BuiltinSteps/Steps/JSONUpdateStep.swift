import KargoCore

/// Sets values of a JSON file.
struct JSONUpdateStep: ConfiguredStep {
    static let kind = "json-update"
    static var schema: [UInt8] { PackageResources.json_update_json }

    func run(_ step: StepContext, _ config: DocumentUpdateConfig) async throws -> StepResult {
        try await config.run(
            in: step.workDir,
            format: "JSON",
            text: { $0.text() },
            edit: { JSONEditor.Update(path: try JSONKeyPath($0.key), value: $0.value) },
            apply: JSONEditor.apply
        )
    }
}
