/// How often something is pushed to a branch to which others push too, and how.
///
/// One value serves a process, so that its Promotions take turns.
struct PushAttempts: Sendable {
    /// The times between attempts.
    struct Backoff: Sendable {
        private static let first = Duration.seconds(1)
        private static let longest = Duration.seconds(30)
        private static let factor = 1.5
        private static let jitter = 0.5

        /// How long to wait after so many attempts.
        ///
        /// - Parameters:
        ///   - attempts: How many there were.
        ///   - random: A number from 0 to 1.
        /// - Returns: The time.
        static func delay(after attempts: Int, random: Double) -> Duration {
            var delay = first
            for _ in 1..<max(1, attempts) where delay < longest { delay = delay * factor }
            return min(delay * (1 + jitter * random), longest)
        }
    }

    let policy: PushIntegrationPolicy
    let clock: any Clock<Duration>
    private let locks = BranchLocks()

    /// - Parameters:
    ///   - environment: The variables of the process, of which `GIT_PUSH_INTEGRATION_POLICY` says how commits of others
    ///     get into what is pushed.
    ///   - clock: Measures the time between attempts.
    /// - Throws: ``GitError`` if there is no such policy.
    init(environment: [String: String], clock: any Clock<Duration> = .continuous) throws(GitError) {
        let name = environment["GIT_PUSH_INTEGRATION_POLICY"] ?? ""
        guard let policy = name.isEmpty ? .alwaysRebase : PushIntegrationPolicy(rawValue: name) else {
            let names = PushIntegrationPolicy.allCases.map(\.rawValue).joined(separator: ", ")
            throw GitError(.refused, "GIT_PUSH_INTEGRATION_POLICY is \"\(name)\"; it must be one of \(names)")
        }
        self.policy = policy
        self.clock = clock
    }

    /// Attempts something while no other Promotion of this process has the branch, and again as long as others were
    /// quicker.
    ///
    /// - Parameters:
    ///   - most: How often at most.
    ///   - branch: The branch.
    ///   - url: The repository.
    ///   - body: An attempt; is given how many there were before.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws; `CancellationError`.
    func attempt<Result>(
        atMost most: Int,
        on branch: String,
        of url: String,
        _ body: (Int) async throws -> Result
    ) async throws -> Result {
        var attempts = 0
        while true {
            do {
                return try await locks.withBranch(branch, of: url) { try await body(attempts) }
            } catch let error as GitError where error.code == .nonFastForward && attempts + 1 < most {
                attempts += 1
            }
            try await clock.sleep(for: Backoff.delay(after: attempts, random: .random(in: 0...1)))
        }
    }
}
