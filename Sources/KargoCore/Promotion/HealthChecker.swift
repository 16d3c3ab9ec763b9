/// Says how a Stage is, as far as one kind of check can tell.
public protocol HealthChecker: Sendable {
    /// What a check names in `uses`.
    static var kind: String { get }

    /// Makes a check.
    ///
    /// What keeps it from being made is an issue of the answer, whose status is unknown then.
    ///
    /// - Parameter config: What the step said there is to check.
    /// - Returns: How the Stage is.
    /// - Throws: `CancellationError`.
    func check(_ config: JSONValue) async throws(CancellationError) -> StageHealth
}

extension StageHealth {
    /// The states, each worse than the one before.
    public enum State: String, Sendable, Hashable, CaseIterable, Comparable {
        /// All is well.
        case healthy = "Healthy"
        /// There is nothing that could be well or not.
        case notApplicable = "NotApplicable"
        /// It will be well, as far as can be seen.
        case progressing = "Progressing"
        /// Nobody can tell.
        case unknown = "Unknown"
        /// Something is wrong.
        case unhealthy = "Unhealthy"

        /// Whether the right state is the worse one.
        public static func < (left: State, right: State) -> Bool {
            guard let first = allCases.firstIndex(of: left), let second = allCases.firstIndex(of: right) else {
                return false
            }
            return first < second
        }
    }

    /// Makes a health.
    ///
    /// - Parameters:
    ///   - state: How the Stage is.
    ///   - issues: What is wrong.
    ///   - output: What the check found.
    public init(_ state: State, issues: [String] = [], output: JSONValue? = nil) {
        self.init(status: state.rawValue)
        self.issues = issues
        self.output = output
    }

    /// Which state it is; one that is not known here counts as unknown.
    public var state: State { State(rawValue: status) ?? .unknown }
}

/// All kinds of health check that there are.
public struct HealthCheckers: Sendable {
    private let checkers: [String: any HealthChecker]

    /// Makes a set.
    ///
    /// - Parameter checkers: The kinds.
    public init(_ checkers: [any HealthChecker] = []) {
        self.checkers = Dictionary(checkers.map { (type(of: $0).kind, $0) }, uniquingKeysWith: { $1 })
    }

    /// Makes checks, of which the worst result counts.
    ///
    /// - Parameter checks: The checks.
    /// - Returns: How the Stage is; `config` and `output` list what each check was told and what it found.
    /// - Throws: `CancellationError`.
    public func check(_ checks: [HealthCheckStep]) async throws(CancellationError) -> StageHealth {
        var state = StageHealth.State.healthy
        var (issues, outputs): ([String], [JSONValue]) = ([], [])
        for check in checks {
            let found: StageHealth
            if let checker = checkers[check.uses] {
                found = try await checker.check(check.config ?? [:])
            } else {
                found = StageHealth(.unknown, issues: ["nothing here can check \(check.uses)"])
            }
            state = max(state, found.state)
            issues += found.issues
            outputs.append(found.output ?? [:])
        }
        var health = StageHealth(state, issues: issues, output: .array(outputs))
        health.config = .array(checks.map { $0.config ?? [:] })
        return health
    }
}
