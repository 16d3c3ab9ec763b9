import KargoCore

/// Waits until a pull request is merged or closed.
struct GitWaitForPRStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var provider: GitHosting?
        var prNumber: Int64
        var pollInterval: GoDuration?
    }

    private static let defaultPollInterval = Duration.seconds(30)

    static let kind = "git-wait-for-pr"
    static var schema: [UInt8] { PackageResources.git_wait_for_pr_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let interval = config.pollInterval?.duration ?? Self.defaultPollInterval
        let number = config.prNumber
        let target = step.target(config.repoURL, config.provider, trustsAny: config.insecureSkipTLSVerify)
        let pull: PullRequest
        do {
            pull = try await hosting.withProvider(for: target) { try await $0.pullRequest(number) }
        } catch {
            let what = "error getting pull request \(number)"
            return try HostingAttempt.brokenLook(what, error, step, interval: interval, refusalsAreFinal: false)
        }
        var output: [String: JSONValue] = [
            "pr": [
                "id": .int(pull.number), "url": .string(pull.url), "open": .bool(pull.isOpen),
                "merged": .bool(pull.isMerged),
            ]
        ]
        if let commit = pull.mergeCommit, !commit.isEmpty { output["commit"] = .string(commit) }
        if pull.isMerged { return .succeeded(output: output) }
        var result: StepResult =
            pull.isOpen
            ? .running("pull request \(number) is open", retryAfter: interval)
            : .failed("pull request \(number) was closed without being merged")
        result.output = output
        return result
    }
}
