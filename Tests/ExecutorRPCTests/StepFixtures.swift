import KargoCore

/// Steps that the suites share.
enum StepFixtures {
    /// A step of a kind about which nothing else matters.
    static func step(_ kind: String = "probe", config: JSONValue = [:]) -> StepContext {
        StepContext(
            kind: kind,
            alias: "",
            config: config,
            workDir: "",
            privateDir: "",
            sharedState: [:],
            promotion: PromotionContext()
        )
    }

    /// A step with something in every field.
    static var fullStep: StepContext {
        var commit = GitCommit()
        commit.repoURL = "https://git.example/app"
        commit.id = "0123abc"
        var freight = FreightReference()
        freight.name = "f00d"
        freight.origin = FreightOrigin(name: "app")
        freight.commits = [commit]
        var request = FreightRequest()
        request.origin = FreightOrigin(name: "app")
        request.sources.direct = true
        var promotion = PromotionContext()
        promotion.uiBaseURL = "https://kargo.example"
        promotion.project = "demo"
        promotion.stage = "test"
        promotion.promotion = "test.01k.f00d"
        promotion.promotionUID = "uid-1"
        promotion.actor = "admin"
        promotion.isRollback = true
        promotion.freightRequests = [request]
        promotion.freight = FreightCollection(items: ["Warehouse/app": freight])
        promotion.targetFreight = freight
        promotion.targetFreightAlias = "wise-otter"
        return StepContext(
            kind: "mkdir",
            alias: "make",
            config: ["path": "a/b", "mode": 7],
            workDir: "/workspace",
            privateDir: "/tmp",
            sharedState: ["clone": ["commit": "0123abc"]],
            promotion: promotion
        )
    }
}
