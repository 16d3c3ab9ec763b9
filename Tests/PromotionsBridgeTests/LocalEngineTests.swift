import KargoCore
import KargoTestSupport
import Synchronization
import Testing

@testable import PromotionsBridge

@Suite("Local engine", .timeLimit(.minutes(1)))
struct LocalEngineTests {
    /// A step that goes on until it is cancelled.
    private struct Endless: StepRunner {
        static let kind = "endless"

        func run(_ step: StepContext) async throws -> StepResult {
            let (never, _) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            throw CancellationError()
        }
    }

    /// Counts how many are at it, and how many there were at most.
    private final class Gauge: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        var most: Int { counts.withLock(\.most) }

        func enter() {
            counts.withLock { counts in
                counts.now += 1
                counts.most = max(counts.most, counts.now)
            }
        }

        func leave() { counts.withLock { $0.now -= 1 } }
    }

    @Test func `ends a step whose time is up`() async throws {
        try await ScopedDirectory.with { directory in
            var registry = StepRegistry()
            registry.register(Endless())
            let engine = LocalEngine(root: directory.path, registry: registry, maximumConcurrency: 1)
            var promotion = EngineFixture.promotion("endless")
            var retry = PromotionStepRetry()
            retry.timeout = GoDuration(.milliseconds(5))
            promotion.spec.steps[0].retry = retry
            let run = PromotionRun(
                promotion: promotion,
                context: PromotionContext(),
                hooks: EngineFixture.Diary().hooks
            )
            let result = try await engine.run(run) { executor in
                Orchestrator(
                    executor: executor,
                    kinds: { .found(StepKind(name: $0)) },
                    data: InMemoryExpressionData(),
                    redactor: SecretRedactor()
                )
            }
            guard case .finished(let phase, _) = result.outcome else {
                Issue.record("the step goes on")
                return
            }
            #expect(phase == .errored)
        }
    }

    @Test func `does so many things at a time`() async throws {
        let limit = ConcurrencyLimit(2)
        let gauge = Gauge()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await limit.withPermit {
                        gauge.enter()
                        for _ in 0..<5 { await Task.yield() }
                        gauge.leave()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...2).contains(gauge.most))
    }

    @Test func `lets nobody wait who is cancelled and goes on after what throws`() async throws {
        let limit = ConcurrencyLimit(0)
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let first = Task {
            try await limit.withPermit {
                start.yield()
                for await _ in gates { break }
                throw StepTimeoutError()
            }
        }
        for await _ in starts { break }
        let waiting = Task { try await limit.withPermit { 1 } }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        gate.yield()
        await #expect(throws: StepTimeoutError.self) { try await first.value }
        #expect(try await limit.withPermit { 2 } == 2)
    }
}
