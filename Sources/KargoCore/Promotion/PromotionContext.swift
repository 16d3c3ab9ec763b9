/// The Promotion that steps belong to.
public struct PromotionContext: Sendable, Hashable, Codable {
    /// Where users see Kargo; empty if unknown.
    public var uiBaseURL: String
    /// The Project.
    public var project: String
    /// The Stage.
    public var stage: String
    /// The Promotion's name.
    public var promotion: String
    /// The Promotion's UID.
    public var promotionUID: String
    /// Who created the Promotion; empty if unknown.
    public var actor: String
    /// Whether the Promotion brings back Freight that the Stage had before.
    public var isRollback: Bool
    /// What the Stage takes.
    public var freightRequests: [FreightRequest]
    /// All Freight that the Stage has after the Promotion.
    public var freight: FreightCollection
    /// The Freight that the Promotion brings.
    public var targetFreight: FreightReference
    /// The alias of that Freight.
    public var targetFreightAlias: String

    /// Makes an empty context.
    public init() {
        uiBaseURL = ""
        project = ""
        stage = ""
        promotion = ""
        promotionUID = ""
        actor = ""
        isRollback = false
        freightRequests = []
        freight = FreightCollection()
        targetFreight = FreightReference()
        targetFreightAlias = ""
    }
}

extension PromotionContext {
    /// Makes the context of a Promotion.
    ///
    /// - Parameters:
    ///   - promotion: The Promotion.
    ///   - stage: Its Stage.
    ///   - freight: The Freight that it brings.
    ///   - collection: All Freight that the Stage has after it.
    ///   - uiBaseURL: Where users see Kargo; empty if unknown.
    public init(
        _ promotion: Promotion,
        stage: Stage,
        freight: Freight,
        collection: FreightCollection,
        uiBaseURL: String
    ) {
        self.init()
        self.uiBaseURL = uiBaseURL
        project = promotion.metadata.namespace
        self.stage = stage.metadata.name
        self.promotion = promotion.metadata.name
        promotionUID = promotion.metadata.uid
        actor = Self.actor(promotion.metadata.annotations[KargoAPI.Annotation.createActor] ?? "")
        isRollback = promotion.metadata.annotations[KargoAPI.Annotation.rollback] == "true"
        freightRequests = stage.spec.requestedFreight
        self.freight = collection
        targetFreight = freight.reference
        targetFreightAlias = freight.alias
    }

    /// Kargo leaves out of what kind an actor is: `email:a@b` is `a@b`.
    private static func actor(_ text: String) -> String {
        if text == "unknown actor" { return "" }
        return text.firstIndex(of: ":").map { String(text[text.index(after: $0)...]) } ?? text
    }
}

extension Stage {
    /// The Freight that the Stage has after a Promotion of some: that, and of other origins what the last Promotion
    /// left there.
    public func collection(after freight: Freight) -> FreightCollection {
        var items: [String: FreightReference] = [:]
        if spec.requestedFreight.count > 1, let last = status.lastPromotion?.status?.freightCollection?.items {
            let origins = Set(spec.requestedFreight.map(\.origin.description))
            items = last.filter { origins.contains($0.key) }
        }
        var collection = FreightCollection(items: items)
        collection.insert(freight.reference)
        return collection
    }
}
