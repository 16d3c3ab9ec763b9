import KargoCore

/// Takes everything out of a work tree.
struct GitClearStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var path: String
    }

    static let kind = "git-clear"
    static var schema: [UInt8] { PackageResources.git_clear_json }

    let program: GitProgram

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            try await GitStore(program, step).workTree(config.path).clear()
        } catch let error as GitError {
            return error.result("error clearing \"\(config.path)\"")
        }
        return .succeeded()
    }
}
