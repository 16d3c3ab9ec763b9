import KargoCore

/// Gives attributes of an HCL file new values.
struct HCLUpdateStep: ConfiguredStep {
    static let kind = "hcl-update"
    static var schema: [UInt8] { PackageResources.hcl_update_json }

    func run(_ step: StepContext, _ config: DocumentUpdateConfig) async throws -> StepResult {
        do {
            let updates = try config.updates.map { update in
                HCLEditor.Update(path: try DocumentPath(update.key).parts, value: update.value)
            }
            try await config.apply(in: step.workDir) { try HCLEditor.apply(updates, to: $0) }
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored("HCL file update failed: error updating \"\(config.path)\": \(error)")
        }
        return .succeeded(output: ["commitMessage": .string(config.commitMessage(HCLEditor.text(of:)))])
    }
}
