import KargoTestSupport
import KubernetesClient
import Logging
import Testing

@Suite("Statistics of a reconcile loop", .timeLimit(.minutes(1)))
struct ReconcileStatisticsTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let clock = ManualClock()

    private func loop(
        concurrency: Int = 4,
        _ reconcile: @escaping @Sendable (String) async throws -> ReconcileAction
    ) -> ReconcileLoop<String> {
        ReconcileLoop(
            maximumConcurrency: concurrency,
            clock: clock,
            // Longer than any test goes on.
            backoff: Backoff(first: .seconds(10_000), longest: .seconds(10_000), clock: clock),
            logger: logger,
            reconcile: reconcile
        )
    }

    @Test func `count how looks ended, and how long they took`() async throws {
        struct Failure: Error {}
        let clock = clock
        let loop = loop { key in
            clock.advance(by: .seconds(2))
            switch key {
            case "done": return .awaitChange
            case "later": return .requeue(after: .seconds(1000))
            case "backs off": return .backOff(within: nil)
            case "cancelled": throw CancellationError()
            default: throw Failure()
            }
        }
        for key in ["done", "later", "backs off", "cancelled", "fails"] { loop.enqueue(key) }
        #expect(loop.statistics.dueCount == 5)
        #expect(loop.statistics.outcomes.isEmpty)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await loop.run() }
            while loop.statistics.outcomes.values.reduce(0, +) < 4 || loop.statistics.workingCount > 0 {
                await loop.turn()
            }
            group.cancelAll()
        }
        let statistics = loop.statistics
        #expect(statistics.outcomes == [.done: 1, .requeued: 1, .backedOff: 1, .failed: 1])
        #expect(statistics.durations.counts.reduce(0, +) == 4)
        #expect(statistics.durations.sum >= 8)
        #expect(statistics.maximumConcurrency == 4)
        #expect(statistics.dueCount == 0)
    }

    @Test func `tell what is worked on and what waits`() async throws {
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let loop = loop(concurrency: 1) { _ in
            start.yield()
            for await _ in AsyncStream<Never>.makeStream().stream {}
            throw CancellationError()
        }
        for key in ["a", "b", "c"] { loop.enqueue(key) }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await loop.run() }
            for await _ in starts { break }
            #expect(loop.statistics.workingCount == 1)
            #expect(loop.statistics.dueCount == 2)
            // All workers are busy, and still it turns.
            await loop.turn()
            group.cancelAll()
        }
    }

    @Test func `a loop that does not run does not turn`() async throws {
        let loop = loop { _ in .awaitChange }
        let clock = clock
        let turned = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await loop.turn()
                return !Task.isCancelled
            }
            group.addTask {
                try? await clock.sleep(for: .seconds(1))
                return false
            }
            await clock.waitForSleepers()
            clock.advance(by: .seconds(1))
            let first = await group.next()
            group.cancelAll()
            return first ?? true
        }
        #expect(!turned)
    }

    @Test(arguments: [(0.005, 0), (0.0051, 1), (1, 7), (3600, 15), (0, 0)])
    func `a duration is of the class whose limit it does not exceed`(seconds: Double, index: Int) {
        var histogram = DurationHistogram()
        histogram.add(.seconds(seconds))
        #expect(histogram.counts[index] == 1)
        #expect(histogram.counts.count == DurationHistogram.limits.count + 1)
    }
}
