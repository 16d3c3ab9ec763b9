import KargoCore
import KargoTestSupport
import KubernetesClient
import Testing

/// A controller whose way to the API server is bad.
@Suite(
    "Controller and an API server that fails",
    .tags(.integration),
    .enabled(if: KargoProcess.isAvailable),
    .timeLimit(.minutes(5))
)
struct FaultIntegrationTests {
    /// Runs the controller behind a proxy.
    private func withController(
        _ lab: Lab,
        _ plan: FaultPlan,
        _ body: (FaultProxy) async throws -> Void
    ) async throws {
        try await FaultProxy.with(kubeconfig: lab.installation.controllerKubeconfig, plan: plan) { proxy in
            let kubeconfig = "\(lab.installation.dataDirectory)/proxy.kubeconfig"
            try proxy.write(kubeconfig: lab.installation.controllerKubeconfig, to: kubeconfig)
            try await lab.withController(kubeconfig: kubeconfig) { _ in try await body(proxy) }
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `Promotions end once, and each of their steps runs once`(seed: UInt64) async throws {
        try await Lab.with { lab in
            try await CallCounter.with { counter in
                try await lab.addPlugin("tally", port: 19_700 + Int(seed))
                try await lab.addStage("builtin", steps: (0..<3).map { Lab.call(counter, $0) })
                let mixed = [
                    Lab.call(counter, 0, plugin: "tally"), Lab.call(counter, 1),
                    Lab.call(counter, 2, plugin: "tally"),
                ]
                try await lab.addStage("mixed", steps: mixed)
                let plan = FaultPlan(seed: seed, rate: 0.2)
                try await withController(lab, plan) { _ in
                    var names: [String] = []
                    for stage in ["builtin", "mixed", "builtin", "mixed"] {
                        names.append(try await lab.promote(stage))
                    }
                    for name in names {
                        let promotion = try await lab.end(of: name)
                        #expect(promotion.status.phase == .succeeded, "\(promotion.status.message)")
                        #expect(
                            promotion.status.stepExecutionMetadata.map(\.status) == [
                                .succeeded, .succeeded, .succeeded,
                            ]
                        )
                    }
                    try await lab.pods.wait { $0.isEmpty }
                    let expected = Dictionary(
                        uniqueKeysWithValues: names.flatMap { name in (0..<3).map { ("\(name)/\($0)", 1) } }
                    )
                    #expect(counter.counts == expected)
                    #expect(lab.endings.all == Dictionary(uniqueKeysWithValues: names.map { ($0, [.succeeded]) }))
                }
                #expect(plan.made.count > 5, "\(plan.made)")
            }
        }
    }

    /// What goes wrong, and with which requests.
    struct Scenario: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var faults: [Fault]
        var isMeant: @Sendable (AskedRequest) -> Bool

        static let all = [
            Scenario(testDescription: "conflicts of statuses", faults: [.status(409), .status(409), .status(409)]) {
                $0.resource == "promotions/status"
            },
            Scenario(testDescription: "statuses whose writing nobody hears of", faults: [.loseAnswer, .loseAnswer]) {
                $0.resource == "promotions/status"
            },
            Scenario(testDescription: "marks whose writing nobody hears of", faults: [.loseAnswer, .loseAnswer]) {
                $0.resource == "promotions" && $0.verb == "patch"
            },
            Scenario(testDescription: "a Pod of whose making nobody hears", faults: [.loseAnswer]) {
                $0.resource == "pods" && $0.verb == "create"
            },
            Scenario(testDescription: "no Pod now", faults: [.status(429, retryAfter: 1), .status(500), .hangUp]) {
                $0.resource == "pods" && $0.verb == "create"
            },
            Scenario(testDescription: "a token that is not believed for a moment", faults: [.status(401)]) {
                $0.resource == "pods" && $0.verb == "create"
            },
            Scenario(testDescription: "a Pod that can't be deleted now", faults: [.status(500), .hangUp, .status(409)])
            {
                $0.resource == "pods" && $0.verb == "delete"
            },
            Scenario(testDescription: "a Pod of whose deletion nobody hears", faults: [.loseAnswer]) {
                $0.resource == "pods" && $0.verb == "delete"
            },
            Scenario(testDescription: "watches that break off or are too old", faults: [.cut, .status(410), .cut]) {
                $0.verb == "watch" && ["pods", "promotions"].contains($0.resource)
            },
            Scenario(testDescription: "lists that break off", faults: [.cut, .hangUp, .status(503)]) {
                $0.verb == "list"
            },
        ]
    }

    @Test(arguments: Scenario.all)
    func `a Promotion gets through`(scenario: Scenario) async throws {
        try await Lab.with { lab in
            try await CallCounter.with { counter in
                try await lab.addPlugin("tally", port: 19_710)
                try await lab.addStage(
                    "mixed",
                    steps: [Lab.call(counter, 0, plugin: "tally"), Lab.call(counter, 1)]
                )
                let plan = FaultPlan()
                for fault in scenario.faults { plan.inject(fault, where: scenario.isMeant) }
                try await withController(lab, plan) { _ in
                    let name = try await lab.promote("mixed")
                    let promotion = try await lab.end(of: name)
                    #expect(promotion.status.phase == .succeeded, "\(promotion.status.message)")
                    try await lab.pods.wait { $0.isEmpty }
                    #expect(counter.counts == ["\(name)/0": 1, "\(name)/1": 1])
                    #expect(lab.endings.all == [name: [.succeeded]])
                }
                #expect(plan.isSpent)
            }
        }
    }

    @Test(arguments: [403, 422])
    func `a Pod that is denied ends a Promotion at once, with the reason`(status: Int) async throws {
        try await Lab.with { lab in
            try await CallCounter.with { counter in
                try await lab.addPlugin("tally", port: 19_711)
                try await lab.addStage("denied", steps: [Lab.call(counter, 0, plugin: "tally")])
                let plan = FaultPlan()
                plan.inject(.status(status)) { $0.resource == "pods" && $0.verb == "create" }
                try await withController(lab, plan) { _ in
                    let promotion = try await lab.end(of: try await lab.promote("denied"))
                    #expect(promotion.status.phase == .errored)
                    #expect(promotion.status.message.contains("the agent Pod can't be created: made up: \(status)"))
                    #expect(counter.counts.isEmpty && lab.pods.all.isEmpty)
                }
            }
        }
    }
}
