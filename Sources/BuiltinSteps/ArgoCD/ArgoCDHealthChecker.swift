public import KargoCore

/// Checks the Applications that `argocd-update` has changed.
public struct ArgoCDHealthChecker: HealthChecker {
    private struct Config: Decodable {
        struct App: Decodable {
            var name: String
            var namespace: String?
            @OmitEmpty var desiredRevisions: [String] = []
        }

        @DefaultEmpty var apps: [App] = []
    }

    /// `argocd-update`, the step that asks for the check.
    public static let kind = ArgoCDUpdateStep.kind

    private let applications: any ArgoCDApplications

    /// Makes a checker.
    ///
    /// - Parameter applications: Where the Applications are; it should not try for long.
    public init(applications: any ArgoCDApplications) {
        self.applications = applications
    }

    /// Makes a check.
    public func check(_ config: JSONValue) async throws(CancellationError) -> StageHealth {
        let apps: [Config.App]
        do throws(FieldError) {
            apps = try JSONValueDecoder().decode(Config.self, from: config).apps
        } catch {
            return StageHealth(.unknown, issues: ["the health check \(Self.kind) can't be read: \(error)"])
        }
        var state = StageHealth.State.healthy
        var issues: [String] = []
        var statuses: [JSONValue] = []
        for app in apps {
            let namespace = app.namespace.nonEmpty ?? applications.defaultNamespace
            var status: JSONValue = ["health": ["status": "Unknown"], "sync": ["status": "Unknown"]]
            do {
                if let known = try await applications.known(app.name, namespace: namespace) {
                    let health = ApplicationHealth(known.application, desiredRevisions: app.desiredRevisions)
                    if health.needsRefresh { try await applications.requestRefresh(known) }
                    state = max(state, health.state)
                    issues += health.issues.map { "\(known.title) \($0)" }
                    status = known.lastingStatus
                } else {
                    state = max(state, .unknown)
                    issues.append("there is no \(KnownApplication.title(app.name, namespace))")
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                state = max(state, .unknown)
                issues.append(String(describing: error))
            }
            // Named as Kargo names them.
            status["Name"] = .string(app.name)
            status["Namespace"] = .string(namespace)
            statuses.append(status)
        }
        return StageHealth(state, issues: issues, output: ["applicationStatuses": .array(statuses)])
    }
}

extension KnownApplication {
    /// What its status says of it, without what changes at every look or may be large.
    fileprivate var lastingStatus: JSONValue {
        let status = object["status"] ?? [:]
        var lasting = status.members(["health", "sync", "operationState", "conditions"])
        lasting["sync"] = lasting["sync"]?.members(["status", "revision", "revisions"])
        if let operation = lasting["operationState"] {
            var kept = operation.members(["phase", "message", "startedAt", "finishedAt", "syncResult"])
            kept["syncResult"] = kept["syncResult"]?.members(["revision", "revisions"])
            lasting["operationState"] = kept
        }
        if let conditions = lasting["conditions"]?.arrayValue {
            lasting["conditions"] = .array(conditions.map { $0.members(["type", "message"]) })
        }
        return lasting
    }
}

extension JSONValue {
    fileprivate func members(_ names: Set<String>) -> JSONValue {
        .object((objectValue ?? [:]).filter { names.contains($0.key) })
    }
}
