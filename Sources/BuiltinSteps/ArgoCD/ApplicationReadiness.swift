import KargoCore

/// Whether an Application is as a step waits for it to be.
enum ApplicationReadiness: Hashable, Sendable {
    /// It is.
    case ready
    /// Not yet, and why.
    case pending(String)
    /// Its health is older than its last operation.
    case stale
    /// It will not be.
    case failed(String)

    /// What can be waited for.
    enum Condition: String, Decodable, Sendable {
        case health, sync, operation, suspended, degraded

        /// The state of health that satisfies it; nil for one that is about something else.
        fileprivate var health: String? {
            switch self {
            case .health: "Healthy"
            case .suspended: "Suspended"
            case .degraded: "Degraded"
            case .sync, .operation: nil
            }
        }
    }

    /// What is waited for if nothing is said, as `argocd app wait` does.
    static let defaultConditions: [Condition] = [.health, .sync, .operation]

    /// Looks at an Application.
    ///
    /// - Parameters:
    ///   - application: The Application.
    ///   - conditions: What is waited for; of those about health one is enough.
    ///   - previousHealth: Its health when it was looked at last; empty if it never was.
    init(_ application: ArgoCDApplication, waitingFor conditions: [Condition], previousHealth: String) {
        let status = application.status
        let errors = application.errors
        guard errors.isEmpty else {
            self = .failed(errors.map { "it has the condition \($0.type): \($0.message)" }.joined(separator: "; "))
            return
        }
        if conditions.contains(.operation), application.isOperating {
            self = .pending("an operation is under way")
            return
        }
        let wanted = conditions.compactMap(\.health)
        if !wanted.isEmpty {
            let health = status.health.status
            if application.hasStaleHealth {
                self = .stale
                return
            }
            if conditions.contains(.health), health == "Degraded",
                !["", "Degraded", "Unknown"].contains(previousHealth)
            {
                self = .failed("its health went from \(previousHealth) to \(health)")
                return
            }
            guard wanted.contains(health) else {
                self = .pending("its health is \(health.isEmpty ? "Unknown" : health)")
                return
            }
        }
        if conditions.contains(.sync), status.sync.status != "Synced" {
            self = .pending("it is \(status.sync.status.isEmpty ? "Unknown" : status.sync.status)")
            return
        }
        self = .ready
    }
}

extension ArgoCDApplication {
    /// Whether an operation was asked for or is under way.
    fileprivate var isOperating: Bool {
        operation != nil || status.operationState.map { $0.finishedAt == nil } ?? false
    }
}
