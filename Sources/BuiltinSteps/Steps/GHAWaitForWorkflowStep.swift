import KargoCore

/// Waits until a run of GitHub Actions has ended.
struct GHAWaitForWorkflowStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var runID: Int64
        var expectedConclusion: String?
        var pollInterval: GoDuration?
    }

    private static let defaultPollInterval = Duration.seconds(30)

    static let kind = "gha-wait-for-workflow"
    static var schema: [UInt8] { PackageResources.gha_wait_for_workflow_json }

    let hosting: HostingAccess

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let interval = config.pollInterval?.duration ?? Self.defaultPollInterval
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        let run: GitHubRun
        do {
            run = try await hosting.withGitHub(for: target) { try await $0.run(config.runID) }
        } catch {
            let what = "error getting workflow run \(config.runID)"
            return try HostingAttempt.brokenLook(what, error, step, interval: interval, refusalsAreFinal: true)
        }
        guard run.status == "completed" else {
            return .running("workflow run \(config.runID) is \(run.status)", retryAfter: interval)
        }
        let conclusion = run.conclusion ?? ""
        var result = StepResult.succeeded()
        if let expected = config.expectedConclusion, expected != conclusion {
            result = .failed("workflow run \(config.runID) ended as \"\(conclusion)\", not as \"\(expected)\"")
        }
        result.output = ["conclusion": .string(conclusion)]
        return result
    }
}
