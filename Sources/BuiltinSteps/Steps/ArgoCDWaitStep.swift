import KargoCore

/// Waits until Argo CD's Applications are healthy, synced and so on.
struct ArgoCDWaitStep: ConfiguredStep {
    struct Config: Decodable, Sendable {
        struct App: Decodable, Sendable {
            var name: String?
            var namespace: String?
            var selector: LabelSelector?
            var waitFor: [ApplicationReadiness.Condition]?
        }

        var apps: [App]
    }

    static let kind = "argocd-wait"
    static var schema: [UInt8] { PackageResources.argocd_wait_json }

    let applications: (any ArgoCDApplications)?

    func run(_ step: StepContext, _ config: Config) async throws -> StepResult {
        guard let applications else { throw MissingCapability("access to Argo CD") }
        let previous = step.sharedState[step.alias]?["healthStatus"]?.objectValue ?? [:]
        var health = previous
        var output: [JSONValue] = []
        var waiting: [String] = []
        do {
            for app in config.apps {
                let target = ApplicationTarget(name: app.name, namespace: app.namespace, selector: app.selector)
                for known in try await applications.find(target) {
                    let key = "\(known.namespace)/\(known.name)"
                    let status = known.application.status.health.status
                    if !status.isEmpty { health[key] = .string(status) }
                    output.append(["name": .string(known.name), "namespace": .string(known.namespace)])
                    let readiness = ApplicationReadiness(
                        known.application,
                        waitingFor: app.waitFor ?? ApplicationReadiness.defaultConditions,
                        previousHealth: previous[key]?.stringValue ?? ""
                    )
                    switch readiness {
                    case .ready: continue
                    case .pending(let reason): waiting.append("waiting for \(known.title): \(reason)")
                    case .stale:
                        try await applications.requestRefresh(known)
                        waiting.append("waiting for \(known.title): its health is not assessed since the last sync")
                    case .failed(let reason): return .erroredForGood("\(known.title): \(reason)")
                    }
                }
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            var result = StepResult.errored(String(describing: error))
            // Or the next attempt would not know a health that gets worse.
            result.output = ["healthStatus": .object(health)]
            return result
        }
        var result =
            waiting.isEmpty
            ? StepResult.succeeded()
            : .running(waiting.joined(separator: "; "), retryAfter: ArgoCDUpdateStep.pollInterval)
        result.output = ["apps": .array(output), "healthStatus": .object(health)]
        return result
    }
}
