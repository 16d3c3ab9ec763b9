import KargoCore

/// Puts out its configuration.
struct ComposeOutputStep: ConfiguredStep {
    static let kind = "compose-output"
    static var schema: [UInt8] { PackageResources.compose_output_json }

    func run(_ step: StepContext, _ config: [String: JSONValue]) async throws -> StepResult {
        .succeeded(output: config)
    }
}
