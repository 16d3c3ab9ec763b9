import KargoCore

/// Unpacks an archive.
struct UntarStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var inPath: String
        var outPath: String
        var stripComponents: Int?
        var ignore: String?
    }

    static let kind = "untar"
    static var schema: [UInt8] { PackageResources.untar_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            try await Cancellation.blocking { cancellation in
                try ArchiveExtractor.extract(
                    config.inPath,
                    to: config.outPath,
                    in: try WorkDirectory(step.workDir),
                    strippingComponents: config.stripComponents ?? 0,
                    leavingOut: IgnoreRules(TarStep.rules(config.ignore)),
                    cancellation
                )
            }
        } catch is ArchiveExtractor.TargetIsWorkDirectory {
            return .failed(
                "\"\(config.outPath)\" is the work directory, which can't be replaced; name one inside of it"
            )
        } catch let error as CancellationError {
            throw error
        } catch {
            return .errored("failed to extract \"\(config.inPath)\" to \"\(config.outPath)\": \(error)")
        }
        return .succeeded()
    }
}
