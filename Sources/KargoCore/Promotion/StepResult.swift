/// How one attempt of a step went.
public struct StepResult: Sendable, Hashable, Codable {
    /// How the step stands.
    public var status: StepStatus
    /// A sentence for people.
    public var message: String
    /// What later steps may use; replaces what an earlier attempt put out, also where it is nil.
    public var output: [String: JSONValue]?
    /// A check of the Stage's health, kept if the step succeeded.
    public var healthCheck: HealthCheckStep?
    /// When to look again at a step that is running.
    public var retryAfter: Duration?
    /// What went wrong, and whether another attempt could help.
    public var failure: StepFailure?

    /// Makes a result.
    public init(
        status: StepStatus,
        message: String = "",
        output: [String: JSONValue]? = nil,
        healthCheck: HealthCheckStep? = nil,
        retryAfter: Duration? = nil,
        failure: StepFailure? = nil
    ) {
        self.status = status
        self.message = message
        self.output = output
        self.healthCheck = healthCheck
        self.retryAfter = retryAfter
        self.failure = failure
    }

    /// The step did what it should.
    public static func succeeded(output: [String: JSONValue]? = nil) -> StepResult {
        StepResult(status: .succeeded, output: output)
    }

    /// The step is not done yet.
    public static func running(_ message: String = "", retryAfter: Duration? = nil) -> StepResult {
        StepResult(status: .running, message: message, retryAfter: retryAfter)
    }

    /// The step did not reach what it should, and no other attempt will.
    public static func failed(_ message: String) -> StepResult {
        StepResult(status: .failed, message: message, failure: .terminal(message))
    }

    /// The attempt broke; another one may do better.
    public static func errored(_ message: String) -> StepResult {
        StepResult(status: .errored, message: message, failure: .retryable(message))
    }

    /// The attempt broke, and so will every other one.
    public static func erroredForGood(_ message: String) -> StepResult {
        StepResult(status: .errored, message: message, failure: .terminal(message))
    }
}

/// What went wrong in an attempt.
public enum StepFailure: Sendable, Hashable, Codable {
    /// Another attempt may do better; it counts against the step's error threshold.
    case retryable(String)
    /// No other attempt would do better.
    case terminal(String)

    /// The sentence for people.
    public var message: String {
        switch self {
        case .retryable(let message), .terminal(let message): message
        }
    }
}
