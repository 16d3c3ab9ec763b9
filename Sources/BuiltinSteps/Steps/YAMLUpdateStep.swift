import KargoCore

/// Gives scalars of a YAML file new values.
struct YAMLUpdateStep: ConfiguredStep {
    static let kind = "yaml-update"
    static var schema: [UInt8] { PackageResources.yaml_update_json }

    func run(_ step: StepContext, _ config: DocumentUpdateConfig) async throws -> StepResult {
        do {
            let updates = try config.updates.map { update in
                YAMLEditor.Update(path: try DocumentPath(update.key).parts, value: update.value)
            }
            try await config.apply(in: step.workDir) { try YAMLEditor.apply(updates, to: $0) }
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored("values file update failed: error updating \"\(config.path)\": \(error)")
        }
        return .succeeded(output: ["commitMessage": .string(config.commitMessage(YAMLEditor.scalarText(of:)))])
    }
}
