import KargoTestSupport
import KubernetesClient
import Logging
import Synchronization
import Testing

@Suite("Reconcile loop")
struct ReconcileLoopTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let clock = ManualClock()

    /// A loop whose reconciler tells of every call and answers what the test says.
    private func loop(
        concurrency: Int = 4,
        reconcile: @escaping @Sendable (String) async throws -> ReconcileAction
    ) -> ReconcileLoop<String> {
        ReconcileLoop(
            maximumConcurrency: concurrency,
            clock: clock,
            backoff: Backoff(first: .seconds(1), longest: .seconds(4), clock: clock, jitter: { 0 }),
            logger: logger,
            reconcile: reconcile
        )
    }

    private func running(
        _ loop: ReconcileLoop<String>,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await loop.run() }
            try await body()
            group.cancelAll()
        }
    }

    @Test func `works on a key once for many notices while it is worked on`() async throws {
        let (calls, call) = AsyncStream.makeStream(of: String.self)
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let loop = loop { key in
            call.yield(key)
            for await _ in gates { break }
            return .awaitChange
        }
        try await running(loop) {
            var iterator = calls.makeAsyncIterator()
            loop.enqueue("a")
            #expect(await iterator.next() == "a")
            for _ in 0..<5 { loop.enqueue("a") }
            gate.yield()
            #expect(await iterator.next() == "a")
            loop.enqueue("b")
            #expect(await iterator.next() == "b")
        }
    }

    @Test func `comes back after the time that the reconciler says`() async throws {
        let (calls, call) = AsyncStream.makeStream(of: String.self)
        let loop = loop { key in
            call.yield(key)
            return .requeue(after: .seconds(30))
        }
        try await running(loop) {
            var iterator = calls.makeAsyncIterator()
            loop.enqueue("a")
            _ = await iterator.next()
            await clock.waitForSleepers()
            #expect(clock.nextWakeUp == .seconds(30))
            clock.advance(by: .seconds(30))
            #expect(await iterator.next() == "a")
        }
    }

    @Test func `comes back after growing pauses as long as the reconciler fails`() async throws {
        struct Failure: Error {}
        let (calls, call) = AsyncStream.makeStream(of: Void.self)
        let loop = loop { _ in
            call.yield()
            throw Failure()
        }
        try await running(loop) {
            var iterator = calls.makeAsyncIterator()
            loop.enqueue("a")
            var pauses: [Duration?] = []
            for _ in 0..<4 {
                await iterator.next()
                await clock.waitForSleepers()
                pauses.append(clock.nextWakeUp)
                clock.advance(by: clock.nextWakeUp ?? .zero)
            }
            #expect(pauses == [.seconds(1), .seconds(2), .seconds(4), .seconds(4)])
        }
    }

    @Test func `does not wait longer than the reconciler allows`() async throws {
        let loop = loop { _ in .backOff(within: .milliseconds(300)) }
        try await running(loop) {
            loop.enqueue("a")
            await clock.waitForSleepers()
            #expect(clock.nextWakeUp == .milliseconds(300))
        }
    }

    @Test func `cuts the work on a key short and begins it anew`() async throws {
        let (events, event) = AsyncStream.makeStream(of: String.self)
        let isFirst = Mutex(true)
        let clock = clock
        let loop = loop { _ in
            event.yield("begin")
            guard
                isFirst.withLock({ isFirst in
                    defer { isFirst = false }
                    return isFirst
                })
            else { return .awaitChange }
            do {
                try await clock.sleep(for: .seconds(1000))
            } catch {
                event.yield("cancelled")
                throw error
            }
            return .awaitChange
        }
        try await running(loop) {
            var iterator = events.makeAsyncIterator()
            loop.enqueue("a")
            #expect(await iterator.next() == "begin")
            await clock.waitForSleepers()
            loop.interrupt("a")
            #expect(await iterator.next() == "cancelled")
            #expect(await iterator.next() == "begin")
        }
    }

    @Test func `works on no more keys at a time than it may`() async throws {
        let (calls, call) = AsyncStream.makeStream(of: String.self)
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let active = Mutex((now: 0, most: 0))
        let loop = loop(concurrency: 2) { key in
            active.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            call.yield(key)
            for await _ in gates { break }
            active.withLock { $0.now -= 1 }
            return .awaitChange
        }
        try await running(loop) {
            var iterator = calls.makeAsyncIterator()
            for key in ["a", "b", "c", "d"] { loop.enqueue(key) }
            var seen: Set<String> = []
            for _ in 0..<4 {
                seen.insert(await iterator.next() ?? "")
                gate.yield()
            }
            #expect(seen == ["a", "b", "c", "d"])
            #expect(active.withLock(\.most) == 2)
        }
    }

    @Test func `waits as long as the server asks for`() async throws {
        let loop = loop { _ in
            var error = KubernetesError(.tooManyRequests, "busy")
            error.retryAfter = .seconds(60)
            throw error
        }
        try await running(loop) {
            loop.enqueue("a")
            await clock.waitForSleepers()
            #expect(clock.nextWakeUp == .seconds(60))
        }
    }

    @Test func `sleeps once, however often a key with a far time is due`() async throws {
        let (calls, call) = AsyncStream.makeStream(of: Void.self)
        let loop = loop { _ in
            call.yield()
            return .requeue(after: .seconds(300))
        }
        try await running(loop) {
            var iterator = calls.makeAsyncIterator()
            for _ in 0..<20 {
                loop.enqueue("a")
                await iterator.next()
                await clock.waitForSleepers()
                clock.advance(by: .seconds(1))
            }
            loop.enqueue("b", after: .seconds(1))
            await clock.waitForSleepers(2)
            #expect(clock.nextWakeUp == .seconds(1))
            #expect(clock.sleeperCount == 2)
        }
    }

    @Test func `an interrupt finds work that has only just begun`() async throws {
        // Of so many, some would begin before they are known.
        let count = 20_000
        let interrupted = Mutex<Set<String>>([])
        let holder = Mutex<ReconcileLoop<String>?>(nil)
        let (outcomes, outcome) = AsyncStream.makeStream(of: Bool.self)
        let loop = loop(concurrency: 8) { key in
            guard interrupted.withLock({ $0.insert(key).inserted }) else { return .awaitChange }
            // As early as can be.
            holder.withLock { $0 }?.interrupt(key)
            outcome.yield(Task.isCancelled)
            return .awaitChange
        }
        holder.withLock { $0 = loop }
        defer { holder.withLock { $0 = nil } }
        try await running(loop) {
            var iterator = outcomes.makeAsyncIterator()
            for number in 0..<count { loop.enqueue("\(number)") }
            var cancelled = 0
            for _ in 0..<count where await iterator.next() == true { cancelled += 1 }
            #expect(cancelled == count)
        }
    }
}
