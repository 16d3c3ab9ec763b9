/// What the orchestrator knows of a kind of step.
public struct StepKind: Sendable, Hashable {
    /// What a step names in `uses`.
    public var name: String
    /// How long a step may take that does not say; nil is for ever.
    public var defaultTimeout: Duration?
    /// How many attempts may fail of a step that does not say.
    public var defaultErrorThreshold: Int64
    /// The shortest time between two looks at a running step.
    public var minimumPollInterval: Duration
    /// Whether its outputs are also outputs of the task that it belongs to.
    public var propagatesOutputToTask: Bool

    /// The shortest time between two looks at a step that runs in this process, as in Kargo.
    public static let builtinPollInterval = Duration.seconds(10)

    /// Makes a kind.
    public init(
        name: String,
        defaultTimeout: Duration? = nil,
        defaultErrorThreshold: Int64 = 1,
        minimumPollInterval: Duration = StepKind.builtinPollInterval,
        propagatesOutputToTask: Bool = false
    ) {
        self.name = name
        self.defaultTimeout = defaultTimeout
        self.defaultErrorThreshold = max(1, defaultErrorThreshold)
        self.minimumPollInterval = minimumPollInterval
        self.propagatesOutputToTask = propagatesOutputToTask
    }
}

/// What comes of looking for a kind of step.
public enum StepKindLookup: Sendable, Hashable {
    /// It exists.
    case found(StepKind)
    /// It can't be used; why, and what to do, in a sentence.
    case unavailable(reason: String)

    /// A kind that nobody has heard of.
    public static func unknown(_ kind: String) -> StepKindLookup {
        .unavailable(
            reason: "no step kind \"\(kind)\" is registered; check the spelling, or install the plugin that has it"
        )
    }
}

/// The kinds of step that run in this process.
public struct StepRegistry: Sendable {
    private var entries: [String: (kind: StepKind, runner: any StepRunner)] = [:]
    private let accesses: [String: StepAccess]

    /// Makes an empty registry.
    ///
    /// - Parameter access: Where steps of kinds run whose Promotion has an agent Pod, and what they may ask for there.
    public init(access: [String: StepAccess] = [:]) { accesses = access }

    /// Adds a kind; one of the same name is replaced.
    ///
    /// - Parameters:
    ///   - runner: What runs its steps.
    ///   - kind: What the orchestrator should know, where that is not the usual.
    public mutating func register<Runner: StepRunner>(_ runner: Runner, as kind: StepKind? = nil) {
        entries[Runner.kind] = (kind ?? StepKind(name: Runner.kind), runner)
    }

    /// What is known of a kind; nil if there is none of that name.
    public func kind(_ name: String) -> StepKind? { entries[name]?.kind }

    /// What runs the steps of a kind; nil if there is none of that name.
    public func runner(_ kind: String) -> (any StepRunner)? { entries[kind]?.runner }

    /// Where steps of a kind run whose Promotion has an agent Pod, and what they may ask for there; in the agent, and
    /// nothing, if nobody said.
    public func access(_ kind: String) -> StepAccess { accesses[kind] ?? .agent }

    /// The names of all kinds, in order.
    public var kinds: [String] { entries.keys.sorted() }
}
