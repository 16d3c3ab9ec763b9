import KargoCore
import Testing

@testable import KargoControllers

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Account of a Stage")
struct StageAccountTests {
    private static func stage(_ status: String = "{}", spec: String = "") throws -> Stage {
        let text = """
            metadata: {name: test, namespace: demo, generation: 3}
            spec: {requestedFreight: [{origin: {kind: Warehouse, name: app}, sources: {direct: true}}]\(spec)}
            status: \(status)
            """
        return try JSONValueDecoder().decode(Stage.self, from: JSONValue(yaml: text))
    }

    private static func promotion(_ name: String, _ phase: PromotionPhase?, freight: String = "f1") -> Promotion {
        var promotion = Promotion()
        promotion.metadata.name = name
        promotion.spec.freight = freight
        promotion.status.phase = phase
        guard let phase, phase != .pending else { return promotion }
        var reference = FreightReference()
        reference.name = freight
        reference.origin = FreightOrigin(name: "app")
        promotion.status.freight = reference
        promotion.status.freightCollection = FreightCollection(items: ["Warehouse/app": reference])
        if phase.isTerminal { promotion.status.finishedAt = KubernetesTime(ControllerFixture.moment) }
        return promotion
    }

    private func account(_ stage: Stage, _ promotions: Promotion...) -> StageStatus {
        StageAccount(stage, promotions: promotions, now: ControllerFixture.moment).status(health: nil)
    }

    private func condition(_ type: String, _ status: StageStatus) -> String? {
        status.conditions.first { $0.type == type }.map { "\($0.status) \($0.reason)" }
    }

    // MARK: Whose turn it is

    @Test func `gives the turn to the Promotion that was made first`() throws {
        let status = account(
            try Self.stage(),
            Self.promotion("p2", nil, freight: "f2"),
            Self.promotion("p1", .pending),
            Self.promotion("p3", nil)
        )
        #expect(status.currentPromotion?.name == "p1")
        #expect(status.currentPromotion?.freight?.name == "f1")
        #expect(condition("Promoting", status) == "True ActivePromotion")
        #expect(condition("Ready", status) == "False ActivePromotion")
        #expect(status.health?.status == "Unknown")
    }

    @Test func `leaves the turn to the one that runs`() throws {
        let status = account(
            try Self.stage("{currentPromotion: {name: p2}}"),
            Self.promotion("p1", .pending),
            Self.promotion("p2", .running)
        )
        #expect(status.currentPromotion?.name == "p2")
    }

    @Test func `gives nobody the turn where nobody wants it`() throws {
        let status = account(try Self.stage("{currentPromotion: {name: gone}}"))
        #expect(status.currentPromotion == nil)
        #expect(status.lastPromotion == nil)
        #expect(status.freightSummary == "0/1 Fulfilled")
        #expect(condition("Ready", status) == "False NoFreight")
        #expect(condition("Healthy", status) == "False NoFreight")
        #expect(condition("Promoting", status) == nil)
        #expect(status.observedGeneration == 3)
    }

    @Test func `passes the turn on when one is over`() throws {
        let status = account(
            try Self.stage("{currentPromotion: {name: p1}}"),
            Self.promotion("p1", .succeeded),
            Self.promotion("p2", .pending, freight: "f2")
        )
        #expect(status.lastPromotion?.name == "p1")
        #expect(status.currentPromotion?.name == "p2")
        #expect(status.freightHistory.map { $0.items["Warehouse/app"]?.name } == ["f1"])
    }

    @Test(arguments: ["Pending", "Running"])
    func `lets the next one wait for a verification that goes on`(phase: String) throws {
        let verified = "verificationHistory: [{phase: \(phase)}]"
        let status = account(
            try Self.stage(
                """
                {freightHistory: [{id: x, items: {Warehouse/app: {name: f1}}, \(verified)}],
                 lastPromotion: {name: p1, status: {phase: Succeeded}}, health: {status: Healthy}}
                """
            ),
            Self.promotion("p1", .succeeded),
            Self.promotion("p2", nil)
        )
        #expect(status.currentPromotion == nil)
    }

    // MARK: What has happened

    @Test func `records Freight that has come`() throws {
        let status = account(try Self.stage("{currentPromotion: {name: p1}}"), Self.promotion("p1", .succeeded))
        #expect(status.lastPromotion?.name == "p1")
        #expect(status.lastPromotion?.status?.phase == .succeeded)
        #expect(status.lastPromotion?.finishedAt == KubernetesTime(ControllerFixture.moment))
        #expect(status.freightSummary == "f1")
        #expect(status.health?.status == "Healthy")
        let verification = try #require(status.freightHistory.first?.verificationHistory.first)
        #expect(verification.phase == "Successful")
        #expect(!verification.id.isEmpty)
        #expect(condition("Healthy", status) == "True Healthy")
        #expect(condition("Verified", status) == "True Verified")
        #expect(condition("Ready", status) == "True Verified")
    }

    @Test(arguments: [PromotionPhase.failed, .errored, .aborted])
    func `keeps the Freight that it had when a Promotion came to nothing`(phase: PromotionPhase) throws {
        let had = """
            {currentPromotion: {name: p2},
             freightHistory: [{id: x, items: {Warehouse/app: {name: f1}}, verificationHistory: [{phase: Successful}]}],
             lastPromotion: {name: p1, status: {phase: Succeeded, freightCollection: {id: x}}}}
            """
        var promotion = Self.promotion("p2", phase, freight: "f2")
        promotion.status.freightCollection = nil
        promotion.status.message = "boom"
        let status = account(try Self.stage(had), Self.promotion("p1", .succeeded), promotion)
        #expect(status.freightHistory.map(\.id) == ["x"])
        #expect(status.lastPromotion?.name == "p2")
        #expect(status.lastPromotion?.status?.freightCollection?.id == "x")
        #expect(status.freightSummary == "f1")
        #expect(status.health?.status == "Unknown")
        #expect(condition("Ready", status) == "False LastPromotion\(phase.rawValue)")
        let message = status.conditions.first { $0.type == "Ready" }?.message
        #expect(message == "Promotion \"p2\" \(phase.rawValue.lowercased()): boom")
    }

    @Test func `records none before one that was made earlier and is not over`() throws {
        var stage = try Self.stage()
        let aborted = Self.promotion("p2", .aborted, freight: "f2")
        stage.status = account(stage, Self.promotion("p1", .pending), aborted)
        #expect(stage.status.currentPromotion?.name == "p1")
        let status = account(stage, Self.promotion("p1", .succeeded), aborted)
        #expect(status.lastPromotion?.name == "p2")
        #expect(status.freightSummary == "f1")
    }

    @Test func `records each Promotion once`() throws {
        var stage = try Self.stage("{currentPromotion: {name: p1}}")
        stage.status = account(stage, Self.promotion("p1", .succeeded))
        let status = account(stage, Self.promotion("p1", .succeeded))
        #expect(status == stage.status)
    }

    @Test func `records the same Freight that comes again once`() throws {
        var stage = try Self.stage("{currentPromotion: {name: p1}}")
        stage.status = account(stage, Self.promotion("p1", .succeeded))
        let status = account(stage, Self.promotion("p1", .succeeded), Self.promotion("p2", .succeeded))
        #expect(status.lastPromotion?.name == "p2")
        #expect(status.freightHistory.count == 1)
    }

    @Test func `remembers the last ten`() throws {
        var stage = try Self.stage()
        for number in 10..<30 {
            stage.status = account(stage, Self.promotion("p\(number)", .succeeded, freight: "f\(number)"))
        }
        let names = stage.status.freightHistory.map { $0.items["Warehouse/app"]?.name ?? "" }
        #expect(names == (20..<30).reversed().map { "f\($0)" })
    }

    @Test func `catches up with all that happened unseen`() throws {
        let status = account(
            try Self.stage(),
            Self.promotion("p2", .failed, freight: "f2"),
            Self.promotion("p3", .succeeded, freight: "f3"),
            Self.promotion("p1", .succeeded)
        )
        #expect(status.lastPromotion?.name == "p3")
        #expect(status.freightHistory.map { $0.items["Warehouse/app"]?.name } == ["f3", "f1"])
    }

    // MARK: Health and verification

    private static func checked(_ name: String) -> Promotion {
        var promotion = promotion(name, .succeeded)
        promotion.status.healthChecks = [HealthCheckStep(uses: "argocd-update", config: ["apps": []])]
        return promotion
    }

    @Test func `asks for the checks of the last Promotion if that succeeded and none is current`() throws {
        let stage = try Self.stage("{currentPromotion: {name: p1}}")
        func checks(_ promotions: Promotion...) -> [String] {
            StageAccount(stage, promotions: promotions, now: ControllerFixture.moment).healthChecks.map(\.uses)
        }
        #expect(checks(Self.checked("p1")) == ["argocd-update"])
        #expect(checks(Self.checked("p1"), Self.promotion("p2", .pending)) == ["argocd-update"])
        #expect(checks(Self.checked("p1"), Self.promotion("p2", .failed)) == [])
        #expect(checks(Self.checked("p1"), Self.promotion("p2", .succeeded)) == [])
        #expect(checks(Self.promotion("p1", .running), Self.checked("p0")) == [])
        #expect(checks() == [])
    }

    @Test(
        arguments: [
            (.healthy, "True Healthy", true), (.progressing, "False Progressing", false),
            (.unknown, "False Unknown", false), (.unhealthy, "False Unhealthy", false),
        ] as [(StageHealth.State, String, Bool)]
    )
    func `is verified when it is healthy`(state: StageHealth.State, expected: String, isVerified: Bool) throws {
        let stage = try Self.stage("{currentPromotion: {name: p1}}")
        let issues = state == .healthy ? [] : ["app is not there yet"]
        let promotions = [Self.checked("p1"), Self.promotion("p2", nil)]
        let status = StageAccount(stage, promotions: [promotions[0]], now: ControllerFixture.moment)
            .status(health: StageHealth(state, issues: issues, output: [["a": 1]]))
        #expect(status.health == StageHealth(state, issues: issues, output: [["a": 1]]))
        #expect(condition("Healthy", status) == expected)
        #expect(condition("Verified", status) == (isVerified ? "True Verified" : "False NotVerified"))
        #expect(status.conditions.first { $0.type == "Healthy" }?.message == issues.first ?? "the Stage is Healthy")
        #expect(status.freightHistory.first?.verificationHistory.isEmpty == !isVerified)
        // Who is not healthy keeps nobody waiting.
        let next = StageAccount(stage, promotions: promotions, now: ControllerFixture.moment)
            .status(health: StageHealth(state, issues: issues))
        #expect(next.currentPromotion?.name == "p2")
        #expect(next.health == StageHealth(.unknown))
    }

    @Test func `says that nothing can verify where tests are asked for`() throws {
        let stage = try Self.stage("{currentPromotion: {name: p1}}", spec: ", verification: {analysisTemplates: []}")
        let status = account(stage, Self.promotion("p1", .succeeded))
        #expect(status.freightHistory.first?.verificationHistory.map(\.phase) == ["Error"])
        #expect(condition("Verified", status) == "False NotVerified")
        #expect(condition("Ready", status) == "False NotVerified")
    }

    @Test func `counts the origins that are there`() throws {
        var stage = try Self.stage("{currentPromotion: {name: p1}}")
        var request = FreightRequest()
        request.origin.name = "other"
        stage.spec.requestedFreight.append(request)
        #expect(account(stage, Self.promotion("p1", .succeeded)).freightSummary == "1/2 Fulfilled")
    }

    @Test func `moves the time of a condition only when it changes`() throws {
        var stage = try Self.stage("{currentPromotion: {name: p1}}")
        stage.status = account(stage, Self.promotion("p1", .succeeded))
        let later = StageAccount(
            stage,
            promotions: [Self.promotion("p1", .succeeded), Self.promotion("p2", .pending)],
            now: ControllerFixture.moment.addingTimeInterval(60)
        )
        .status(health: nil)
        let times = Dictionary(uniqueKeysWithValues: later.conditions.map { ($0.type, $0.lastTransitionTime) })
        let before = KubernetesTime(ControllerFixture.moment)
        let after = KubernetesTime(ControllerFixture.moment.addingTimeInterval(60))
        #expect(times == ["Healthy": before, "Verified": before, "Ready": after, "Promoting": after])
    }
}
