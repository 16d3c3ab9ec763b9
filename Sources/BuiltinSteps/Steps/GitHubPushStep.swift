import KargoCore

/// Pushes the commits of a work tree through GitHub's API.
struct GitHubPushStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var path: String
        var targetBranch: String?
        var generateTargetBranch: Bool?
        var force: Bool?
        var maxAttempts: Int64?
        var insecureSkipTLSVerify: Bool?
    }

    static let kind = "github-push"
    static var schema: [UInt8] { PackageResources.github_push_json }

    private static let defaultMaxAttempts: Int64 = 10

    let program: GitProgram
    let capabilities: StepCapabilities
    let hosting: HostingAccess
    let attempts: PushAttempts
    let rules: GitHubPushRules

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let what = "error pushing \"\(config.path)\""
        do {
            let tree = try GitStore(program, step).workTree(config.path)
            let url = tree.clone.record.url
            let found = try await capabilities.credentials
                .credentials(.git, for: url, project: step.promotion.project)
            guard let found, !found.password.isEmpty else {
                let lack = found.map { $0.sshPrivateKey.isEmpty ? "no token" : "a key for SSH but no token" }
                return .failed("\(what): there \(lack.map { "is \($0)" } ?? "are no credentials") for GitHub's API")
            }
            let access = try GitAccess(url: url, credentials: found)
            return try await push(tree.with(access), token: found.password, step, config)
        } catch let error as GitError {
            return error.result(what)
        } catch let refusal as GitHubPush.Refusal {
            return .erroredForGood("\(what): \(refusal)")
        } catch let error as FileError {
            throw error
        } catch {
            return try HostingAttempt.broken(what, error, refusalsAreFinal: false)
        }
    }

    private func push(
        _ tree: GitWorkTree,
        token: String,
        _ step: StepContext,
        _ config: Config
    ) async throws -> StepResult {
        let url = tree.clone.record.url
        let address = try RepositoryAddress(url)
        let isGenerated = config.generateTargetBranch == true
        let named = isGenerated ? "kargo/promotion/\(step.promotion.promotion)" : config.targetBranch.nonEmpty
        guard let branch = if let named { named } else { try await tree.branch() } else {
            throw GitError(.refused, "no branch is checked out; set targetBranch or generateTargetBranch")
        }
        let target = step.target(url, .github, trustsAny: config.insecureSkipTLSVerify)
        let commit = try await hosting.withGitHub(address, token: token, target) { repository in
            let push = GitHubPush(
                tree: tree,
                repository: repository,
                branch: GitClone.name(ofBranch: branch),
                // A branch of that name can only be of an earlier run of the same Promotion.
                force: isGenerated || config.force == true,
                staging: GitHubStagingReference(promotion: step.promotion.promotion),
                policy: attempts.policy,
                rules: rules
            )
            let most = Int(clamping: config.maxAttempts ?? Self.defaultMaxAttempts)
            let outcome: Swift.Result<String, any Error>
            do {
                outcome = .success(
                    try await attempts.attempt(atMost: most, on: branch, of: url) { _ in try await push.attempt() }
                )
            } catch {
                outcome = .failure(error)
            }
            await push.staging.remove(from: repository)
            return try outcome.get()
        }
        var output: [String: JSONValue] = ["commit": .string(commit), "branch": .string(branch)]
        output["commitURL"] = GitHosting.commitURL(commit, in: url, hosting: .github).map(JSONValue.string)
        return .succeeded(output: output)
    }
}
