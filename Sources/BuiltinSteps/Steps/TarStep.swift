import KargoCore

/// Packs a file or a directory into an archive.
struct TarStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var inPath: String
        var outPath: String
        var gzip: Bool?
        var ignore: String?
    }

    static let kind = "tar"
    static var schema: [UInt8] { PackageResources.tar_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            try await Cancellation.blocking { cancellation in
                try TreeArchiver.archive(
                    config.inPath,
                    to: config.outPath,
                    in: try WorkDirectory(step.workDir),
                    leavingOut: IgnoreRules(Self.rules(config.ignore), leavesOutGit: config.ignore == nil),
                    isCompressed: config.gzip ?? false,
                    cancellation
                )
            }
        } catch let error as FileError {
            return .errored("failed to archive \"\(config.inPath)\" as \"\(config.outPath)\": \(error)")
        }
        return .succeeded()
    }

    /// The lines without blanks around them.
    static func rules(_ text: String?) -> String {
        (text ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                let line = line.drop { $0 == " " || $0 == "\t" }
                return String(line.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
            }
            .joined(separator: "\n")
    }
}
