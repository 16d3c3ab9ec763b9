import KargoCore

/// Puts out parts of a JSON file.
struct JSONParseStep: ConfiguredStep {
    static let kind = "json-parse"
    static var schema: [UInt8] { PackageResources.json_parse_json }

    func run(_ step: StepContext, _ config: DocumentParseConfig) async throws -> StepResult {
        try await config.run(in: step.workDir, format: "JSON") { text throws(SyntaxError) in
            ExpressionEnvironment(document: try JSONValue(parsing: text))
        }
    }
}
