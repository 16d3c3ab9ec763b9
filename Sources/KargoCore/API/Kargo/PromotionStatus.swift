/// What has happened with a Promotion.
public struct PromotionStatus: Sendable, Hashable, Codable, EmptyRepresentable {
    /// The last refresh token that was handled.
    @OmitEmpty public var lastHandledRefresh = ""
    /// How far it is; nil when nobody has looked at it yet.
    public var phase: PromotionPhase?
    /// A sentence for people.
    @OmitEmpty public var message = ""
    /// The Freight it brings.
    public var freight: FreightReference?
    /// All Freight that the Stage has after it.
    public var freightCollection: FreightCollection?
    /// Health checks that its steps asked for.
    @OmitEmpty public var healthChecks: [HealthCheckStep] = []
    /// When it began to run.
    public var startedAt: KubernetesTime?
    /// When it ended.
    public var finishedAt: KubernetesTime?
    /// The step at which it is, counted from 0.
    @OmitEmpty public var currentStep: Int64 = 0
    /// How each step that was reached went.
    @OmitEmpty public var stepExecutionMetadata: [StepExecutionMetadata] = []
    /// Outputs of the steps by alias.
    public var state: JSONValue?

    /// Makes an empty status.
    public init() {}
}

/// How far a Promotion is.
public enum PromotionPhase: Sendable, Hashable {
    /// It waits for its turn.
    case pending
    /// Its steps are running.
    case running
    /// All went well.
    case succeeded
    /// A step did not reach what it should.
    case failed
    /// A step, or something around it, broke.
    case errored
    /// Somebody ended it.
    case aborted
    /// A phase of a later version.
    case other(String)

    /// Whether nothing more will happen.
    public var isTerminal: Bool {
        switch self {
        case .succeeded, .failed, .errored, .aborted: true
        case .pending, .running, .other: false
        }
    }
}

extension PromotionPhase: RawRepresentable, Codable {
    /// The phase of a name.
    public init(rawValue: String) {
        self =
            switch rawValue {
            case "Pending": .pending
            case "Running": .running
            case "Succeeded": .succeeded
            case "Failed": .failed
            case "Errored": .errored
            case "Aborted": .aborted
            default: .other(rawValue)
            }
    }

    /// The name.
    public var rawValue: String {
        switch self {
        case .pending: "Pending"
        case .running: "Running"
        case .succeeded: "Succeeded"
        case .failed: "Failed"
        case .errored: "Errored"
        case .aborted: "Aborted"
        case .other(let name): name
        }
    }
}

/// How a step went.
public enum StepStatus: String, Sendable, Hashable, Codable {
    /// It did what it should.
    case succeeded = "Succeeded"
    /// It had nothing to do.
    case skipped = "Skipped"
    /// It is not done yet.
    case running = "Running"
    /// Somebody ended it.
    case aborted = "Aborted"
    /// It did not reach what it should.
    case failed = "Failed"
    /// It broke.
    case errored = "Errored"
}

/// How one step went.
public struct StepExecutionMetadata: Sendable, Hashable, Codable {
    /// The step.
    @OmitEmpty public var alias = ""
    /// When it began.
    public var startedAt: KubernetesTime?
    /// When it ended.
    public var finishedAt: KubernetesTime?
    /// How many attempts failed.
    @OmitEmpty public var errorCount: Int64 = 0
    /// How it stands.
    public var status: StepStatus?
    /// A sentence for people.
    @OmitEmpty public var message = ""
    /// Whether the Promotion may succeed although this step failed.
    public var continueOnError: Bool?

    /// Makes the metadata of a step that has not begun.
    public init(alias: String = "") {
        self.alias = alias
    }
}

/// A check of a Stage's health that a step asked for.
public struct HealthCheckStep: Sendable, Hashable, Codable {
    /// The checker.
    public var uses: String
    /// What it needs to know.
    public var config: JSONValue?

    /// Makes a check.
    public init(uses: String, config: JSONValue? = nil) {
        self.uses = uses
        self.config = config
    }
}
