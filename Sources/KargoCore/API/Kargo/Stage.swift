/// A place that receives Freight, such as the staging environment of an application.
public struct Stage: Sendable, Hashable, Codable {
    /// `kargo.akuity.io/v1alpha1`.
    @OmitEmpty public var apiVersion = KargoAPI.groupVersion
    /// `Stage`.
    @OmitEmpty public var kind = "Stage"
    /// Name, namespace and so on.
    public var metadata = ObjectMeta()
    /// What it receives and how.
    public var spec = StageSpec()
    /// What it has.
    @DefaultEmpty public var status = StageStatus()

    /// Makes an empty Stage.
    public init() {}

    /// Whether the Stage passes Freight on without doing anything with it.
    public var isControlFlow: Bool { spec.promotionTemplate?.spec.steps.isEmpty ?? true }
}

/// What a Stage receives and how.
public struct StageSpec: Sendable, Hashable, Codable {
    /// The shard that serves it.
    @OmitEmpty public var shard = ""
    /// Variables of its Promotions.
    @OmitEmpty public var vars: [ExpressionVariable] = []
    /// The Freight it takes.
    @OmitEmpty public var requestedFreight: [FreightRequest] = []
    /// The steps of its Promotions.
    public var promotionTemplate: PromotionTemplate?
    /// How it verifies what it received.
    public var verification: JSONValue?
    /// The Targets it fans out to.
    public var targets: JSONValue?

    /// Makes an empty spec.
    public init() {}
}

/// The steps of a Stage's Promotions.
public struct PromotionTemplate: Sendable, Hashable, Codable {
    /// Variables and steps.
    public var spec = PromotionTaskSpec()

    /// Makes an empty template.
    public init() {}
}

/// Freight that a Stage takes.
public struct FreightRequest: Sendable, Hashable, Codable {
    /// Where the Freight comes from.
    public var origin = FreightOrigin()
    /// By which way it comes.
    public var sources = FreightSources()

    /// Makes an empty request.
    public init() {}
}

/// By which way Freight comes to a Stage.
public struct FreightSources: Sendable, Hashable, Codable {
    /// Straight from its Warehouse.
    @OmitEmpty public var direct = false
    /// From Stages that have verified it.
    @OmitEmpty public var stages: [String] = []
    /// How long it must have been in such a Stage.
    public var requiredSoakTime: GoDuration?
    /// `All` if every one of the Stages must have verified it; else one is enough.
    @OmitEmpty public var availabilityStrategy = ""
    /// Which Freight is promoted without being asked.
    public var autoPromotionOptions: JSONValue?

    /// Makes empty sources.
    public init() {}
}

/// What a Stage has.
public struct StageStatus: Sendable, Hashable, Codable, EmptyRepresentable {
    /// Conditions by type.
    @OmitEmpty public var conditions: [Condition] = []
    /// The last refresh token that was handled.
    @OmitEmpty public var lastHandledRefresh = ""
    /// The Freight it has and had, newest first.
    @OmitEmpty public var freightHistory: [FreightCollection] = []
    /// The Freight it has, for people.
    @OmitEmpty public var freightSummary = ""
    /// How it is.
    public var health: StageHealth?
    /// The generation that the rest of the status is about.
    @OmitEmpty public var observedGeneration: Int64 = 0
    /// The Promotion whose turn it is.
    public var currentPromotion: PromotionReference?
    /// The Promotion that ended last.
    public var lastPromotion: PromotionReference?
    /// What steps have noted about it.
    public var metadata: JSONValue?

    /// Makes an empty status.
    public init() {}
}

/// How a Stage is.
public struct StageHealth: Sendable, Hashable, Codable {
    /// `Healthy`, `NotApplicable`, `Progressing`, `Unknown` or `Unhealthy`.
    @OmitEmpty public var status = ""
    /// What is wrong.
    @OmitEmpty public var issues: [String] = []
    /// What was checked.
    public var config: JSONValue?
    /// What the checks found.
    public var output: JSONValue?

    /// Makes a health.
    public init(status: String = "") {
        self.status = status
    }
}

/// A Promotion as its Stage records it.
public struct PromotionReference: Sendable, Hashable, Codable {
    /// The name of the Promotion.
    public var name: String
    /// The Freight it brings.
    public var freight: FreightReference?
    /// How it ended.
    public var status: PromotionStatus?
    /// When it ended.
    public var finishedAt: KubernetesTime?

    /// Makes a reference.
    public init(name: String, freight: FreightReference? = nil) {
        self.name = name
        self.freight = freight
    }
}
