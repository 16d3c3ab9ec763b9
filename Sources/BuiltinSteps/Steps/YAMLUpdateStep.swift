import KargoCore

/// Gives scalars of a YAML file new values.
struct YAMLUpdateStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        struct Update: Decodable, Sendable {
            var key: String
            var value: JSONValue
        }

        var path: String
        var updates: [Update]
    }

    static let kind = "yaml-update"
    static var schema: [UInt8] { PackageResources.yaml_update_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            let updates = try config.updates.map { update in
                YAMLEditor.Update(path: try DocumentPath(update.key).parts, value: update.value)
            }
            try await Cancellation.blocking { cancellation in
                let workDirectory = try WorkDirectory(step.workDir)
                let text = try workDirectory.readText(config.path, limit: DocumentLimits.largestFile, cancellation)
                let result = try YAMLEditor.apply(updates, to: text)
                try cancellation.check()
                try workDirectory.replaceText(config.path, with: result)
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored("values file update failed: error updating \"\(config.path)\": \(error)")
        }
        return .succeeded(output: ["commitMessage": .string(Self.commitMessage(config))])
    }

    private static func commitMessage(_ config: Config) -> String {
        let lines = config.updates.map { "\n- \($0.key): \(YAMLEditor.scalarText(of: $0.value))" }
        return "Updated \(config.path)\n" + lines.joined()
    }
}
