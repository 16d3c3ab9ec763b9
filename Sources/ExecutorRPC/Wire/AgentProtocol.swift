import ArgoCompat
public import KargoCore

/// What controller and agent say to each other.
///
/// The controller starts an execution under an identifier of its own choosing, and asks for its end as often as it has
/// to: a request that is sent twice, or by a controller that was started anew, starts nothing twice. Identifiers grow
/// from one execution to the next: numbers with dots between them, the first counting most.
public enum AgentProtocol {
    /// The port that the agent listens on.
    public static let port = AgentPodContract.agentPort
    /// Where executions are started (`POST`) and listed (`GET`); one of them is `…/ID` (`GET` with `?wait=SECONDS`,
    /// `DELETE` to cancel it), and `…/ID/answers` takes the answers to what it needs (`POST`).
    public static let executionsPath = "/api/v1/executions"
    /// What stands behind the path of an execution where its answers go.
    public static let answers = "answers"
    /// The longest time that the agent keeps a request waiting.
    public static let longestWait = Duration.seconds(25)
    /// The largest body that the agent takes.
    public static let largestRequest = 8 * 1024 * 1024
    /// How many questions an execution may ask the controller.
    public static let mostQuestions = 16
    /// The most bytes of the address or name that a question is about.
    public static let longestQuestion = 4096
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
    /// What the step waits for the controller to answer; not in lists.
    @OmitEmpty public var needs: [CapabilityRequest]

    /// Makes a report.
    public init(
        id: String,
        bootID: String,
        startedAt: KubernetesMicroTime? = nil,
        result: StepResult? = nil,
        needs: [CapabilityRequest] = []
    ) {
        self.id = id
        self.bootID = bootID
        self.startedAt = startedAt
        self.result = result
        self.needs = needs
    }
}

/// The executions that the agent knows: the one that was the last to start.
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
