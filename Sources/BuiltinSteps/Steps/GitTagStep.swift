import KargoCore

/// Tags the commit that is checked out.
struct GitTagStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var path: String
        var tag: String
        var message: String
        var force: Bool?
    }

    static let kind = "git-tag"
    static var schema: [UInt8] { PackageResources.git_tag_json }

    let program: GitProgram

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            let tree = try GitStore(program, step).workTree(config.path)
            try await tree.withKeyring { tree in
                try await tree.tag(config.tag, message: config.message, force: config.force ?? false)
            }
            return .succeeded(output: ["commit": .string(try await tree.head())])
        } catch let error as GitError {
            return error.result("error tagging \"\(config.path)\"")
        }
    }
}
