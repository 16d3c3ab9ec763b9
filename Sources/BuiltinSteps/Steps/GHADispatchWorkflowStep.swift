import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Starts a workflow of GitHub Actions.
struct GHADispatchWorkflowStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        var repoURL: String
        var insecureSkipTLSVerify: Bool?
        var workflowFile: String
        var ref: String
        var inputs: [String: JSONValue]?
        var timeout: Int64?
    }

    /// A workflow that was started, but whose run is not known yet.
    private struct Pending {
        /// The newest run there was before.
        var lastRun: Int64
        /// When it was started, in seconds since 1970.
        var time: Int64

        init(lastRun: Int64, time: Int64) {
            self.lastRun = lastRun
            self.time = time
        }

        init?(_ output: [String: JSONValue]?) {
            guard let last = output?["lastRunID"]?.intValue, let time = output?["dispatchedAt"]?.intValue else {
                return nil
            }
            self.init(lastRun: last, time: time)
        }

        var output: [String: JSONValue] { ["lastRunID": .int(lastRun), "dispatchedAt": .int(time)] }
    }

    private static let defaultTimeout: Int64 = 60
    private static let pollInterval = Duration.seconds(10)
    /// How often to look at once; a run takes a moment to begin.
    private static let looks = 4
    private static let pause = Duration.seconds(2)

    static let kind = "gha-dispatch-workflow"
    static var schema: [UInt8] { PackageResources.gha_dispatch_workflow_json }

    let hosting: HostingAccess
    /// The time in seconds since 1970.
    var now: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }

    /// A workflow that an earlier attempt has started is not started again.
    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        let known = step.sharedState[step.alias]?.objectValue
        if let known, known["runID"]?.intValue != nil { return .succeeded(output: known) }
        var pending = Pending(known)
        let target = step.target(config.repoURL, trustsAny: config.insecureSkipTLSVerify)
        let what = "error dispatching workflow \"\(config.workflowFile)\""
        do {
            let run = try await hosting.withGitHub(for: target) { repository in
                if pending == nil {
                    let last = try await repository.dispatchedRuns(of: config.workflowFile).map(\.id).max() ?? 0
                    let run = try await repository.dispatch(
                        config.workflowFile,
                        ref: config.ref,
                        inputs: config.inputs ?? [:]
                    )
                    if let run { return Int64?.some(run) }
                    pending = Pending(lastRun: last, time: now())
                }
                return try await find(config, after: pending?.lastRun ?? 0, in: repository)
            }
            if let run { return .succeeded(output: ["runID": .int(run)]) }
        } catch {
            guard let pending else { return try HostingAttempt.broken(what, error, refusalsAreFinal: true) }
            var result = try HostingAttempt.brokenLook(
                what,
                error,
                step,
                interval: Self.pollInterval,
                refusalsAreFinal: false
            )
            result.output = pending.output
            return result
        }
        guard let pending else { return .errored(what) }
        let timeout = config.timeout ?? Self.defaultTimeout
        var result: StepResult =
            now() - pending.time < timeout
            ? .running("workflow \"\(config.workflowFile)\" has not begun yet", retryAfter: Self.pollInterval)
            : .failed("workflow \"\(config.workflowFile)\" has not begun within \(timeout) s of being dispatched")
        result.output = pending.output
        return result
    }

    /// The first run since another one.
    private func find(_ config: Config, after last: Int64, in repository: GitHubRepository) async throws -> Int64? {
        let names =
            [config.ref]
            + ["refs/heads/", "refs/tags/"].filter(config.ref.hasPrefix)
            .map { String(config.ref.dropFirst($0.count)) }
        for look in 1...Self.looks {
            let runs = try await repository.dispatchedRuns(of: config.workflowFile)
            let candidates = runs.filter { $0.id > last && $0.branch.map(names.contains) ?? true }
            if let run = candidates.map(\.id).min() { return run }
            if look < Self.looks { try await hosting.clock.sleep(for: Self.pause) }
        }
        return nil
    }
}
