import KargoCore

/// Puts out parts of a TOML file.
struct TOMLParseStep: ConfiguredStep {
    static let kind = "toml-parse"
    static var schema: [UInt8] { PackageResources.toml_parse_json }

    func run(_ step: StepContext, _ config: DocumentParseConfig) async throws -> StepResult {
        try await config.run(in: step.workDir, format: "TOML") { text throws(SyntaxError) in
            ExpressionEnvironment(variables: try TOMLParser.parse(text).expressionValues())
        }
    }
}
