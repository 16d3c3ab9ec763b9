import ArgoCompat
public import KargoCore

/// What controller and agent say to each other.
///
/// The controller starts an execution under an identifier of its own choosing, and asks for its end as often as it has
/// to: a request that is sent twice, or by a controller that was started anew, starts nothing twice.
public enum AgentProtocol {
    /// The port that the agent listens on.
    public static let port = AgentPodContract.agentPort
    /// Where executions are started (`POST`) and listed (`GET`); one of them is `…/ID` (`GET` with `?wait=SECONDS`,
    /// `DELETE` to cancel it).
    public static let executionsPath = "/api/v1/executions"
    /// The longest time that the agent keeps a request waiting.
    public static let longestWait = Duration.seconds(25)
    /// The largest body that the agent takes.
    public static let largestRequest = 8 * 1024 * 1024
}

/// The request to start an execution.
public struct ExecutionStart: Sendable, Hashable, Codable {
    /// Names the execution.
    public var id: String
    /// The step.
    public var step: StepContext
    /// How long the step may take, in seconds; the controller cancels it then.
    public var timeout: Double?

    /// Makes a request.
    public init(id: String, step: StepContext, timeout: Double? = nil) {
        self.id = id
        self.step = step
        self.timeout = timeout
    }
}

/// How an execution stands.
public struct ExecutionReport: Sendable, Hashable, Codable {
    /// Names the execution.
    public var id: String
    /// Names the life of the agent; another one means that it was started anew and remembers nothing.
    public var bootID: String
    /// When it began by the clock of the agent's node, which is also that of its containers' logs.
    public var startedAt: KubernetesMicroTime?
    /// How the attempt went; nil while it goes on.
    public var result: StepResult?

    /// Makes a report.
    public init(id: String, bootID: String, startedAt: KubernetesMicroTime? = nil, result: StepResult? = nil) {
        self.id = id
        self.bootID = bootID
        self.startedAt = startedAt
        self.result = result
    }
}

/// All executions that the agent knows, in the order of their start.
public struct ExecutionList: Sendable, Hashable, Codable {
    /// Names the life of the agent.
    public var bootID: String
    /// The executions.
    public var executions: [ExecutionReport]

    /// Makes a list.
    public init(bootID: String, executions: [ExecutionReport]) {
        self.bootID = bootID
        self.executions = executions
    }
}
