import KargoCore

/// Puts out parts of a YAML file.
struct YAMLParseStep: ConfiguredStep {
    static let kind = "yaml-parse"
    static var schema: [UInt8] { PackageResources.yaml_parse_json }

    func run(_ step: StepContext, _ config: DocumentParseConfig) async throws -> StepResult {
        try await config.run(in: step.workDir, format: "YAML") { text throws(SyntaxError) in
            let document = try YAMLNode.firstDocument(in: text)?.jsonValue(duplicateKeys: .lastWins) ?? .null
            return ExpressionEnvironment(document: document)
        }
    }
}
