/// A request to bring Freight to a Stage, and how it went.
public struct Promotion: Sendable, Hashable, Codable {
    /// `kargo.akuity.io/v1alpha1`.
    @OmitEmpty public var apiVersion = KargoAPI.groupVersion
    /// `Promotion`.
    @OmitEmpty public var kind = "Promotion"
    /// Name, namespace and so on; the namespace is the Project.
    public var metadata = ObjectMeta()
    /// What is asked for; it never changes.
    public var spec = PromotionSpec()
    /// What has happened.
    @DefaultEmpty public var status = PromotionStatus()

    /// Makes an empty Promotion.
    public init() {}
}

/// What a Promotion asks for.
public struct PromotionSpec: Sendable, Hashable, Codable {
    /// The Stage that receives the Freight.
    public var stage = ""
    /// The Freight; exactly one of this and ``origin`` is given.
    public var freight: String?
    /// The origin whose newest available Freight is meant.
    public var origin: FreightOrigin?
    /// The Target of the Stage that is meant, of a Stage that has Targets.
    public var target: String?
    /// Variables of all steps.
    @OmitEmpty public var vars: [ExpressionVariable] = []
    /// The steps in order, tasks already expanded.
    @OmitEmpty public var steps: [PromotionStep] = []

    /// Makes an empty spec.
    public init() {}
}

/// A named value for expressions.
public struct ExpressionVariable: Sendable, Hashable, Codable {
    /// The name, a word.
    public var name: String
    /// The value, a template.
    ///
    /// In a task a variable without one must be given by who uses the task.
    @OmitEmpty public var value: String

    /// Makes a variable.
    public init(name: String, value: String = "") {
        self.name = name
        self.value = value
    }
}

/// One step of a Promotion, of a Stage's template or of a task.
public struct PromotionStep: Sendable, Hashable, Codable {
    /// The kind of step.
    @OmitEmpty public var uses = ""
    /// The task whose steps stand here; only in a Stage's template, and instead of ``uses``.
    public var task: PromotionTaskReference?
    /// The alias under which later steps find the outputs.
    @OmitEmpty public var `as` = ""
    /// The condition, a template; without one the step runs unless an earlier step failed.
    @OmitEmpty public var `if` = ""
    /// Whether the Promotion may succeed although this step failed.
    public var continueOnError: Bool?
    /// When to give up.
    public var retry: PromotionStepRetry?
    /// Variables of this step.
    @OmitEmpty public var vars: [ExpressionVariable] = []
    /// The configuration, any JSON object with templates in its strings.
    public var config: JSONValue?

    /// Makes a step of a kind.
    public init(uses: String = "") {
        self.uses = uses
    }
}

/// A reference to a task.
public struct PromotionTaskReference: Sendable, Hashable, Codable {
    /// The name.
    public var name = ""
    /// `PromotionTask`, which is also meant when empty, or `ClusterPromotionTask`.
    @OmitEmpty public var kind = ""

    /// Makes an empty reference.
    public init() {}
}

/// When a step is given up.
public struct PromotionStepRetry: Sendable, Hashable, Codable {
    /// How long the step may take in all, counted from its start; zero is for ever, nil what its kind says.
    public var timeout: GoDuration?
    /// How many attempts may fail; zero is what its kind says.
    @OmitEmpty public var errorThreshold: Int64 = 0

    /// Makes an empty policy.
    public init() {}
}

/// A task of steps for the Stages of one Project.
public struct PromotionTask: Sendable, Hashable, Codable {
    /// `kargo.akuity.io/v1alpha1`.
    @OmitEmpty public var apiVersion = KargoAPI.groupVersion
    /// `PromotionTask` or, without a namespace, `ClusterPromotionTask`.
    @OmitEmpty public var kind = "PromotionTask"
    /// Name, namespace and so on.
    public var metadata = ObjectMeta()
    /// Variables and steps.
    public var spec = PromotionTaskSpec()

    /// Makes an empty task.
    public init() {}
}

/// What a task consists of.
public struct PromotionTaskSpec: Sendable, Hashable, Codable {
    /// Variables with their defaults; one without a value must be given by who uses the task.
    @OmitEmpty public var vars: [ExpressionVariable] = []
    /// The steps.
    @OmitEmpty public var steps: [PromotionStep] = []

    /// Makes an empty task.
    public init() {}
}
