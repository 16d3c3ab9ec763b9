import KargoCore

/// Gives scalars of a TOML file new values.
struct TOMLUpdateStep: ConfiguredStep {
    static let kind = "toml-update"
    static var schema: [UInt8] { PackageResources.toml_update_json }

    func run(_ step: StepContext, _ config: DocumentUpdateConfig) async throws -> StepResult {
        do {
            let updates = try config.updates.map { update in
                TOMLEditor.Update(path: try DocumentPath(update.key).parts, value: update.value)
            }
            try await config.apply(in: step.workDir) { try TOMLEditor.apply(updates, to: $0) }
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored("TOML file update failed: error updating \"\(config.path)\": \(error)")
        }
        let message = config.commitMessage { TOMLEditor.text(of: $0) ?? $0.text() }
        return .succeeded(output: ["commitMessage": .string(message)])
    }
}
