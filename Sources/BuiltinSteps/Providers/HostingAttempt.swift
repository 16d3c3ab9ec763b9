import KargoCore

/// What failed calls of hosting services mean for steps.
enum HostingAttempt {
    /// Ends an attempt that broke.
    ///
    /// - Parameters:
    ///   - what: What it was about, for the message.
    ///   - error: What was thrown.
    ///   - refusalsAreFinal: Whether what the service refuses ends the step; if not, it counts as one attempt.
    /// - Returns: A failed attempt.
    /// - Throws: `CancellationError`, `MissingCapability`.
    static func broken(_ what: String, _ error: any Error, refusalsAreFinal: Bool) throws -> StepResult {
        try Task.checkCancellation()
        let message = "\(what): \(error)"
        switch error {
        case is CancellationError, is MissingCapability: throw error
        case is ProviderRefusal where refusalsAreFinal: return .failed(message)
        case let failure as APIFailure where refusalsAreFinal && !failure.isTransient: return .failed(message)
        default: return .errored(message)
        }
    }

    /// Ends a look that broke, of a step that waits: too many calls only mean that it looks later.
    ///
    /// - Parameters:
    ///   - what: What it was about, for the message.
    ///   - error: What was thrown.
    ///   - step: The step, whose outputs stay.
    ///   - interval: When it looks again otherwise.
    ///   - refusalsAreFinal: Whether what the service refuses ends the step.
    /// - Returns: A step that goes on, or a failed attempt.
    /// - Throws: `CancellationError`, `MissingCapability`.
    static func brokenLook(
        _ what: String,
        _ error: any Error,
        _ step: StepContext,
        interval: Duration,
        refusalsAreFinal: Bool
    ) throws -> StepResult {
        guard let failure = error as? APIFailure, case .limited(let delay) = failure.code else {
            return try broken(what, error, refusalsAreFinal: refusalsAreFinal)
        }
        return StepResult(
            status: .running,
            message: "\(what): \(failure)",
            output: step.sharedState[step.alias]?.objectValue,
            retryAfter: max(interval, delay ?? interval)
        )
    }
}

extension StepContext {
    /// The repository that a step is about.
    func target(_ repoURL: String, _ hosting: GitHosting? = nil, trustsAny: Bool?) -> HostingAccess.Target {
        HostingAccess.Target(
            repoURL: repoURL,
            hosting: hosting,
            project: promotion.project,
            trustsAnyCertificate: trustsAny ?? false
        )
    }
}
