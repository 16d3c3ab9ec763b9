import ExecutorRPC
public import KargoCore
public import StepPluginRegistry

/// Gives a Promotion a place to run in: an agent with its plugins.
public protocol AgentRuntime: Sendable {
    /// Makes the agent ready, or finds the one that is.
    ///
    /// - Parameters:
    ///   - promotion: The Promotion.
    ///   - plugins: The plugins that it uses.
    ///   - obstacle: Why no new Pod can be made, if so: a plugin has been removed or changed.
    ///   - limit: The time that the step has which waits for the agent; nil is for ever.
    ///   - hooks: What the caller wants to hear of on the way.
    /// - Returns: The agent.
    /// - Throws: ``AgentStartFailure`` when there will be no agent, `StepTimeoutError` when the step's time was up
    ///   first, `CancellationError`, and what the hooks throw.
    func prepare(
        _ promotion: Promotion,
        plugins: [RegisteredPlugin],
        obstacle: String?,
        limit: Duration?,
        hooks: AgentHooks
    ) async throws -> AgentSession

    /// Ends the agent of a Promotion; does nothing if there is none.
    ///
    /// - Parameters:
    ///   - promotion: The Promotion.
    ///   - mode: Whether something may still be going on.
    /// - Throws: What keeps it from being ended; the caller may try again.
    func end(_ promotion: Promotion, _ mode: AgentEnding) async throws

    /// Ends the agents of Promotions that are over and whose end nobody saw.
    ///
    /// - Parameter uids: The UIDs of Promotions that are certainly not over; it looks at the others itself.
    /// - Throws: What keeps them from being ended.
    func removeLeftovers(keeping uids: Set<String>) async throws
}

/// Whether something may still be going on in an agent that is ended.
public enum AgentEnding: Sendable, Hashable {
    /// Nothing is: it ends at once.
    case idle
    /// A step may be: it gets the time to stop.
    case busy

    /// The seconds that processes get.
    var gracePeriod: Int64 {
        switch self {
        case .idle: 2
        case .busy: 10
        }
    }
}

/// What the caller wants to hear of while an agent is made ready.
public struct AgentHooks: Sendable {
    /// Tells what the agent waits for, empty for nothing; called when that changes.
    public var note: @Sendable (String) async -> Void
    /// Records the Pod; called before anything runs in it.
    public var recordPod: @Sendable (AgentPodRecord) async throws -> Void
    /// Begins the Promotion anew, because the work directory is lost; called before another Pod is made.
    public var restart: @Sendable () async throws -> Void
    /// Takes secrets out of what is written down.
    public var redact: @Sendable (String) -> String
    /// Answers what steps in the agent ask; nil refuses everything.
    public var broker: PromotionBroker?

    /// Makes hooks.
    public init(
        note: @escaping @Sendable (String) async -> Void,
        recordPod: @escaping @Sendable (AgentPodRecord) async throws -> Void,
        restart: @escaping @Sendable () async throws -> Void,
        redact: @escaping @Sendable (String) -> String,
        broker: PromotionBroker? = nil
    ) {
        self.note = note
        self.recordPod = recordPod
        self.restart = restart
        self.redact = redact
        self.broker = broker
    }
}

/// There will be no agent.
public struct AgentStartFailure: PassEnding, Hashable, CustomStringConvertible {
    /// Why, in a sentence.
    public let description: String

    /// Makes a failure.
    public init(_ description: String) {
        self.description = description
    }
}

/// An agent that is ready.
public struct AgentSession: Sendable {
    /// Whether the work directory is new, so that the steps begin with the first.
    public var isFresh: Bool
    /// What runs the steps.
    public var executor: any StepExecutor
    /// How the agent was restarted while no controller was there, so that what went on in it is lost; nil if it was not.
    public var restart: String?
    /// How long was waited for what is no fault of the step.
    public var excused: Duration

    /// The directory that all steps share, as the agent sees it.
    public static let workDir = AgentLayout.workspace
    /// The agent's own directory, as the agent sees it.
    public static let privateDir = AgentLayout.privateDirectory
    /// Where clones of git repositories are, as the agent and its plugins see it.
    public static let gitDir = AgentLayout.gitStore

    /// Makes a session.
    public init(isFresh: Bool, executor: any StepExecutor, restart: String? = nil, excused: Duration = .zero) {
        self.isFresh = isFresh
        self.executor = executor
        self.restart = restart
        self.excused = excused
    }
}
