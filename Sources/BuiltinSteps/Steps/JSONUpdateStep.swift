import KargoCore

/// Sets values of a JSON file.
struct JSONUpdateStep: ConfiguredStep {
    static let kind = "json-update"
    static var schema: [UInt8] { PackageResources.json_update_json }

    func run(_ step: StepContext, _ config: DocumentUpdateConfig) async throws -> StepResult {
        do {
            let updates = try config.updates.map { update in
                JSONEditor.Update(path: try JSONKeyPath(update.key), value: update.value)
            }
            try await config.apply(in: step.workDir) { try JSONEditor.apply(updates, to: $0) }
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored("JSON file update failed: error updating \"\(config.path)\": \(error)")
        }
        return .succeeded(output: ["commitMessage": .string(config.commitMessage { $0.text() })])
    }
}
