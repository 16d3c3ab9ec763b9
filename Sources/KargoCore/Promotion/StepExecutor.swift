/// Runs attempts of steps, here or elsewhere.
public protocol StepExecutor: Sendable {
    /// Runs one attempt.
    ///
    /// - Parameters:
    ///   - step: Everything about the step.
    ///   - attempt: Which attempt it is.
    ///   - timeout: How long it may take; then it is ended.
    /// - Returns: How the attempt went.
    /// - Throws: ``StepTimeoutError`` when the time was up, ``PassEnding`` errors, `CancellationError` when the task
    ///   was cancelled, and anything else for an attempt that broke.
    func execute(_ step: StepContext, attempt: StepAttempt, timeout: Duration?) async throws -> StepResult
}

/// Names one attempt of a step of a Promotion.
public struct StepAttempt: Sendable, Hashable {
    /// The step, counted from 0.
    public var step: Int
    /// How many attempts had failed before.
    public var errorCount: Int64

    /// Makes a name.
    public init(step: Int, errorCount: Int64) {
        self.step = step
        self.errorCount = errorCount
    }
}

/// An error that is no step's: it ends the pass over the steps, and whoever began that hears of it.
public protocol PassEnding: Error {}

/// The place where the steps run is gone with all files, so that the Promotion has to begin anew.
public struct WorkspaceLostError: PassEnding, Hashable, CustomStringConvertible {
    /// What happened.
    public let description: String

    /// Makes the error.
    public init(_ description: String) { self.description = description }
}

/// The time of a step was up.
public struct StepTimeoutError: Error, Hashable {
    /// What it waited for, if that is known and not recorded yet.
    public let reason: String

    /// Makes the error.
    public init(_ reason: String = "") { self.reason = reason }
}
