import AgentPod
import KargoCore
import KargoTestSupport
import PromotionsBridge
import StepPluginRegistry
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Wait of a step for its agent", .timeLimit(.minutes(1)))
struct AgentExecutorTests {
    private static let pin = EnginePin(
        engine: .agent,
        plugins: ["tools": .init(namespace: "demo", kinds: ["a"], digest: "sha256:1")]
    )
    private static let plugins = FixedPlugins.having(FixedPlugins.plugin("tools", kinds: ["a"]))

    /// Runs a Promotion of two steps, the second of which runs whatever becomes of the first.
    private func run(
        _ agents: FakeAgents,
        _ change: (inout Promotion) throws -> Void = { _ in }
    ) async throws -> PromotionRunResult {
        try await ScopedDirectory.with { directory in
            let fixture = EngineFixture(directory, plugins: Self.plugins, agents: agents)
            var promotion = EngineFixture.promotion("a", "a")
            promotion.metadata.annotations["kargo-extended.code.org/engine"] = try EngineFixture.sealed(Self.pin)
            promotion.spec.steps[0].retry = PromotionStepRetry()
            promotion.spec.steps[0].retry?.timeout = try GoDuration("1m")
            promotion.spec.steps[1].if = "${{ always() }}"
            try change(&promotion)
            return try await fixture.run(promotion)
        }
    }

    /// Lets the first step be at work.
    private func begin(
        _ promotion: inout Promotion,
        secondsAgo: Double = 0,
        _ status: StepStatus = .running,
        hasAnswered: Bool = false
    ) {
        var metadata = StepExecutionMetadata(alias: "step-1")
        metadata.status = status
        metadata.startedAt = KubernetesTime(Date().addingTimeInterval(-secondsAgo))
        promotion.status.stepExecutionMetadata = [metadata]
        if hasAnswered { promotion.status.state = ["step-1": [:]] }
    }

    @Test func `counts against the time of the step`() async throws {
        let agents = FakeAgents(failure: AgentStartFailure("no"))
        _ = try await run(agents)
        #expect(agents.limits == [.seconds(60)])
        let later = FakeAgents(failure: AgentStartFailure("no"))
        _ = try await run(later) { begin(&$0, secondsAgo: 30) }
        let limit = try #require(later.limits.first ?? nil)
        #expect(limit > .seconds(20) && limit <= .seconds(31))
    }

    @Test func `is the step's timeout when it takes too long`() async throws {
        let agents = FakeAgents(whilePreparing: { _ in throw StepTimeoutError("pulling") })
        let result = try await run(agents)
        // The next step waits in its own time, in a pass of its own.
        #expect(result.outcome == .running(after: .zero))
        #expect(result.progress.stepExecutionMetadata.map(\.status) == [.errored, .running])
        #expect(result.progress.stepExecutionMetadata.first?.message == "timed out after 1m0s: pulling")
        #expect(agents.calls == ["prepare demo/tools"])
    }

    @Test func `does not begin before a port is free`() async throws {
        let agents = FakeAgents(isFresh: false, excused: .seconds(3600))
        let result = try await run(agents)
        #expect(result.outcome == .finished(phase: .succeeded, message: ""))
        let start = try #require(result.progress.stepExecutionMetadata.first?.startedAt)
        #expect(start.date > Date().addingTimeInterval(3000))
    }

    @Test func `hands on what is no step's fault`() async throws {
        struct Refusal: Error {}
        await #expect(throws: Refusal.self) { try await run(FakeAgents(whilePreparing: { _ in throw Refusal() })) }
    }

    @Test(
        arguments: [
            (StepStatus.running, false, true), (.running, true, false), (.errored, true, true), (nil, false, false),
        ] as [(StepStatus?, Bool, Bool)]
    )
    func `costs the attempt that went on in an agent which was restarted`(
        status: StepStatus?,
        hasAnswered: Bool,
        isLost: Bool
    ) async throws {
        let agents = FakeAgents(isFresh: false, restart: "the agent was restarted")
        let result = try await run(agents) { promotion in
            if let status { begin(&promotion, status, hasAnswered: hasAnswered) }
        }
        #expect(agents.calls.contains("execute step-1 in /workspace") == !isLost)
        #expect(agents.calls.contains("execute step-2 in /workspace"))
        let message = isLost ? "the agent was restarted" : ""
        #expect(result.outcome == .finished(phase: isLost ? .errored : .succeeded, message: message))
    }
}
