import KargoCore

/// Merges a pull request.
struct GitMergePRStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var provider: GitHosting?
        var prNumber: Int64
        var wait: Bool?
        var pollInterval: GoDuration?
        var mergeMethod: String?
    }

    private static let defaultPollInterval = Duration.seconds(10)

    static let kind = "git-merge-pr"
    static var schema: [UInt8] { PackageResources.git_merge_pr_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let interval = config.pollInterval?.duration ?? Self.defaultPollInterval
        let number = config.prNumber
        let target = step.target(config.repoURL, config.provider, trustsAny: config.insecureSkipTLSVerify)
        let what = "error merging pull request \(number)"
        do {
            return try await hosting.withProvider(for: target) { provider in
                do {
                    switch try await provider.mergePullRequest(number, method: config.mergeMethod) {
                    case .merged(let pull):
                        return .succeeded(output: pull.mergeCommit.map { ["commit": .string($0)] } ?? [:])
                    case .notReady(let reason):
                        let message = "pull request \(number) can't be merged yet: \(reason)"
                        return config.wait == true ? .running(message, retryAfter: interval) : .failed(message)
                    }
                } catch  where config.wait == true {
                    return try HostingAttempt.brokenLook(
                        what,
                        error,
                        step,
                        interval: interval,
                        refusalsAreFinal: true
                    )
                } catch {
                    return try HostingAttempt.broken(what, error, refusalsAreFinal: true)
                }
            }
        } catch {
            return try HostingAttempt.broken(what, error, refusalsAreFinal: false)
        }
    }
}
