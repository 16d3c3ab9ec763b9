import KargoCore

/// Fails, always.
struct FailStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var message: String?
    }

    static let kind = "fail"
    static var schema: [UInt8] { PackageResources.fail_json }

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        .failed(config.message.map { "failed: \($0)" } ?? "failed")
    }
}
