import KargoCore

/// Copies a file or a directory.
struct CopyStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var inPath: String
        var outPath: String
        var ignore: String?
    }

    static let kind = "copy"
    static var schema: [UInt8] { PackageResources.copy_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            try await Cancellation.blocking { cancellation in
                var copy = TreeCopy(
                    in: try WorkDirectory(step.workDir),
                    leavingOut: IgnoreRules(config.ignore ?? ""),
                    cancellation
                )
                try copy.copy(from: config.inPath, to: config.outPath)
            }
        } catch let error as FileError {
            return .errored("failed to copy \"\(config.inPath)\" to \"\(config.outPath)\": \(error)")
        }
        return .succeeded()
    }
}
