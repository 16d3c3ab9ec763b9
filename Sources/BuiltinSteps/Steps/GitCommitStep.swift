import KargoCore

/// Commits what has changed in a work tree.
struct GitCommitStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var path: String
        var message: String
        var author: GitAuthor?
    }

    static let kind = "git-commit"
    static var schema: [UInt8] { PackageResources.git_commit_json }

    let program: GitProgram

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            let tree = try GitStore(program, step).workTree(config.path)
            try await tree.stage()
            let isDirty = try await tree.hasStagedChanges()
            if isDirty { try await commit(tree, config) }
            let output: [String: JSONValue] = ["commit": .string(try await tree.head())]
            return StepResult(
                status: isDirty ? .succeeded : .skipped,
                message: isDirty ? "" : "there is nothing to commit",
                output: output
            )
        } catch let error as GitError {
            return error.result("error committing \"\(config.path)\"")
        }
    }

    private func commit(_ tree: GitWorkTree, _ config: Config) async throws {
        guard let author = config.author else {
            try await tree.withKeyring { try await $0.commit(config.message) }
            return
        }
        // The key of the clone is that of another name, so it is not used.
        try await tree.withUser(author.user) { try await $0.commit(config.message) }
    }
}
