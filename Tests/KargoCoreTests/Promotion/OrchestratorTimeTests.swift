import KargoCore
import Testing

/// How long steps may take and when they are looked at again.
@Suite("Times of steps")
struct OrchestratorTimeTests {
    @Test(
        arguments: [
            (nil, nil, nil), (nil, 300, 300), ("1m", 300, 60), ("0s", 300, nil), ("-1s", 300, nil), ("2h", nil, 7200),
        ] as [(String?, Int?, Int?)]
    )
    func `an attempt gets the step's time, or that of its kind`(
        _ own: String?,
        _ kind: Int?,
        _ limit: Int?
    ) async throws {
        let scenario = PromotionScenario(
            [try step("a", timeout: own)],
            kinds: [StepKind(name: "a", defaultTimeout: kind.map { .seconds($0) })]
        )
        _ = try await scenario.run()
        #expect(scenario.executor.calls.map(\.timeout) == [limit.map { .seconds($0) }])
    }

    @Test(arguments: [(0, 60), (40, 20), (49, 11), (50, 10), (55, 10), (600, 10)])
    func `a later attempt gets what is left, and never less than ten seconds`(_ elapsed: Int, _ limit: Int) async throws
    {
        let scenario = PromotionScenario([try step("a", timeout: "1m")]) { call in
            call.step.sharedState["a"] == nil ? .running() : .succeeded()
        }
        var (_, progress) = try await scenario.run()
        scenario.wait(seconds: Double(elapsed))
        // What is done is done, however late.
        #expect(try await scenario.run(&progress) == .finished(phase: .succeeded, message: ""))
        #expect(scenario.executor.calls.last?.timeout == .seconds(limit))
    }

    @Test(arguments: [(60, 60), (3600, 3600), (3601, 3600), (100_000_000, 3600)])
    func `a step rests for an hour at most, whatever it asks for`(_ wanted: Int, _ rest: Int) async throws {
        let scenario = PromotionScenario([try step("a")]) { _ in .running(retryAfter: .seconds(wanted)) }
        #expect(try await scenario.run().0 == .running(after: .seconds(rest)))
    }

    @Test func `a step whose attempt took too long has timed out`() async throws {
        let scenario = PromotionScenario([try step("a", timeout: "90s"), try step("b")]) { _ in throw StepTimeoutError()
        }
        let (outcome, progress) = try await scenario.run()
        #expect(outcome == .finished(phase: .errored, message: "timed out after 1m30s"))
        #expect(progress.statuses == [.errored, .skipped])
        #expect(progress.stepExecutionMetadata[0].finishedAt == KubernetesTime(PromotionScenario.start))
    }

    @Test func `a step whose time was up before it could run says what it waited for`() async throws {
        let scenario = PromotionScenario([try step("a", timeout: "90s")]) { _ in throw StepTimeoutError("for a Pod") }
        #expect(try await scenario.run().0 == .finished(phase: .errored, message: "timed out after 1m30s: for a Pod"))
    }

    @Test func `a step that is not done in time has timed out, and says what it waited for`() async throws {
        let scenario = PromotionScenario([try step("a", timeout: "1m")]) { _ in .running("for Godot") }
        var (outcome, progress) = try await scenario.run()
        #expect(outcome == .running(after: .seconds(60)))
        scenario.wait(seconds: 60)
        outcome = try await scenario.run(&progress)
        #expect(outcome == .finished(phase: .errored, message: "timed out after 1m0s: for Godot"))
    }

    @Test func `a step whose time is up is not promised another attempt`() async throws {
        let scenario = PromotionScenario([try step("a", timeout: "1m", errorThreshold: 9)]) { call in
            if call.attempt.errorCount == 1 { throw StepTimeoutError() }
            return .errored("broken")
        }
        var (outcome, progress) = try await scenario.run()
        #expect(outcome == .retrying(within: .seconds(60)))
        #expect(progress.stepExecutionMetadata[0].message == "broken; will be retried")
        scenario.wait(seconds: 45)
        outcome = try await scenario.run(&progress)
        #expect(outcome == .finished(phase: .errored, message: "timed out after 1m0s: broken"))
    }

    @Test(
        arguments: [
            (nil, nil, 300), (5, nil, 10), (0, nil, 10), (-5, nil, 10), (10, nil, 10), (45, nil, 45), (nil, "1m", 60),
            (45, "1m", 45), (75, "1m", 60), (1, "5s", 5), (nil, "10m", 300),
        ] as [(Int?, String?, Int)]
    )
    func `a running step is looked at when it says, within limits`(
        _ suggested: Int?,
        _ timeout: String?,
        _ interval: Int
    ) async throws {
        let scenario = PromotionScenario([try step("a", timeout: timeout)]) { _ in
            .running(retryAfter: suggested.map { .seconds($0) })
        }
        #expect(try await scenario.run().outcome == .running(after: .seconds(interval)))
    }

    @Test func `a kind may ask to be looked at more often`() async throws {
        let kind = StepKind(name: "a", minimumPollInterval: .seconds(1))
        let scenario = PromotionScenario([try step("a")], kinds: [kind]) { _ in .running(retryAfter: .zero) }
        #expect(try await scenario.run().outcome == .running(after: .seconds(1)))
    }

    @Test func `a retry comes before the step's time is up`() async throws {
        let scenario = PromotionScenario([try step("a", timeout: "1m", errorThreshold: 9)]) { _ in .errored("broken") }
        var (outcome, progress) = try await scenario.run()
        #expect(outcome == .retrying(within: .seconds(60)))
        scenario.wait(seconds: 25)
        outcome = try await scenario.run(&progress)
        #expect(outcome == .retrying(within: .seconds(35)))
    }
}
