import KargoCore

/// Puts out parts of a YAML file.
struct YAMLParseStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var path: String
        var outputs: [OutputExpression]
    }

    static let kind = "yaml-parse"
    static var schema: [UInt8] { PackageResources.yaml_parse_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let document: JSONValue
        do {
            document = try await Cancellation.blocking { cancellation in
                let text = try WorkDirectory(step.workDir)
                    .readText(config.path, limit: DocumentLimits.largestFile, cancellation)
                if text.isEmpty { throw FileError(.missing, "could not parse empty YAML file: \"\(config.path)\"") }
                return try YAMLNode.firstDocument(in: text)?.jsonValue(duplicateKeys: .lastWins) ?? .null
            }
        } catch let error as SyntaxError {
            return .errored("could not parse YAML file \"\(config.path)\": \(error)")
        }
        do {
            let environment = ExpressionEnvironment(document: document)
            return .succeeded(output: try await OutputExpression.evaluate(config.outputs, in: environment))
        } catch let error as OutputExpression.Failure {
            return .errored("failed to extract outputs: \(error)")
        }
    }
}
