import KargoCore

/// Opens a pull request, or adopts the one that is open for the same commit.
struct GitOpenPRStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var provider: GitHosting?
        var sourceBranch: String
        var targetBranch: String
        var title: String?
        var description: String?
        var labels: [String]?
    }

    static let kind = "git-open-pr"
    static var schema: [UInt8] { PackageResources.git_open_pr_json }

    let program: GitProgram
    let capabilities: StepCapabilities
    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        // A pull request of an earlier attempt is the one, whatever has become of it.
        if let known = step.sharedState[step.alias]?.objectValue, known["pr"]?["id"] != nil {
            return .succeeded(output: known)
        }
        do {
            let access = try await GitAccess(url: config.repoURL, capabilities, project: step.promotion.project)
            return try await GitStore(program, step)
                .withShallowClone(
                    of: config.sourceBranch,
                    access: access,
                    skipsTLSVerification: config.insecureSkipTLSVerify ?? false
                ) { clone in
                    try await open(step, config, clone)
                }
        } catch let error as GitError {
            return error.result("error opening pull request")
        } catch {
            return try HostingAttempt.broken("error opening pull request", error, refusalsAreFinal: false)
        }
    }

    private func open(_ step: StepContext, _ config: Config, _ clone: GitClone) async throws -> StepResult {
        let source = GitClone.reference(ofBranch: config.sourceBranch)
        guard let commit = try await clone.commit(source) else {
            throw GitError(.refused, "the repository has no branch \"\(config.sourceBranch)\"")
        }
        let filter = PullRequestFilter(
            sourceBranch: GitClone.name(ofBranch: config.sourceBranch),
            targetBranch: GitClone.name(ofBranch: config.targetBranch),
            commit: commit
        )
        let target = step.target(config.repoURL, config.provider, trustsAny: config.insecureSkipTLSVerify)
        return try await hosting.withProvider(for: target) { provider in
            let found = try await provider.openPullRequests(filter)
            if let pull = found.max(by: { $0.createdAt < $1.createdAt }) { return Self.result(pull) }
            guard let base = try await clone.fetch(config.targetBranch, depth: 1) else {
                throw GitError(.refused, "the repository has no branch \"\(config.targetBranch)\"")
            }
            guard try await clone.differ(source, base) else {
                return StepResult(status: .skipped, message: "the branches have the same files")
            }
            let message = try await clone.message(of: source)
            let request = Self.request(config, message: message, footer: Self.footer(step.promotion))
            return Self.result(try await provider.createPullRequest(request))
        }
    }

    private static func result(_ pull: PullRequest) -> StepResult {
        .succeeded(output: ["pr": ["id": .int(pull.number), "url": .string(pull.url)]])
    }

    /// What the pull request says: the configuration goes before the message of the commit.
    static func request(_ config: Config, message: String, footer: String?) -> NewPullRequest {
        let lines = message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        let title = config.title.nonEmpty
        let rest = title == nil ? lines.dropFirst().joined() : message
        let description = config.description.nonEmpty ?? String(rest.drop { $0 == "\n" })
        return NewPullRequest(
            title: title ?? lines.first.map(String.init) ?? "",
            description: [description, footer ?? ""].filter { !$0.isEmpty }.joined(separator: "\n\n"),
            sourceBranch: GitClone.name(ofBranch: config.sourceBranch),
            targetBranch: GitClone.name(ofBranch: config.targetBranch),
            labels: config.labels ?? []
        )
    }

    /// The way to the Stage, where users see Kargo.
    private static func footer(_ promotion: PromotionContext) -> String? {
        guard !promotion.uiBaseURL.isEmpty else { return nil }
        let url = "\(promotion.uiBaseURL)/project/\(promotion.project)/stage/\(promotion.stage)"
        return "[View in Kargo UI](\(url))"
    }
}
