import KargoCore

/// Pushes what is checked out, or a tag.
struct GitPushStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var path: String
        var targetBranch: String?
        var generateTargetBranch: Bool?
        var tag: String?
        var force: Bool?
        var maxAttempts: Int64?
        var provider: GitHosting?
    }

    static let kind = "git-push"
    static var schema: [UInt8] { PackageResources.git_push_json }

    private static let defaultMaxAttempts: Int64 = 10

    let program: GitProgram
    let capabilities: StepCapabilities
    let attempts: PushAttempts

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        do {
            let tree = try GitStore(program, step).workTree(config.path)
            let url = tree.clone.record.url
            let access = try await GitAccess(url: url, capabilities, project: step.promotion.project)
            let branch = try await branch(tree, step, config)
            let commit = try await push(tree.with(access), to: branch, config)
            var output: [String: JSONValue] = ["commit": .string(commit)]
            output["branch"] = branch.map(JSONValue.string)
            output["commitURL"] = GitHosting.commitURL(commit, in: url, hosting: config.provider).map(JSONValue.string)
            return .succeeded(output: output)
        } catch let error as GitError {
            return error.result("error pushing \"\(config.path)\"")
        }
    }

    private func branch(_ tree: GitWorkTree, _ step: StepContext, _ config: Config) async throws -> String? {
        if config.generateTargetBranch == true { return "kargo/promotion/\(step.promotion.promotion)" }
        if let branch = config.targetBranch.nonEmpty { return branch }
        return try await tree.branch()
    }

    private func push(_ tree: GitWorkTree, to branch: String?, _ config: Config) async throws -> String {
        if let tag = config.tag.nonEmpty {
            try await tree.clone.push("refs/tags/\(tag)", to: "refs/tags/\(tag)")
            return try await tree.head()
        }
        guard let branch else {
            throw GitError(.refused, "no branch is checked out; set targetBranch or generateTargetBranch")
        }
        // A branch of that name can only be of an earlier run of the same Promotion.
        let force = config.force == true || config.generateTargetBranch == true
        return try await attempts.push(
            tree,
            to: branch,
            force: force,
            atMost: Int(clamping: config.maxAttempts ?? Self.defaultMaxAttempts)
        )
    }
}
