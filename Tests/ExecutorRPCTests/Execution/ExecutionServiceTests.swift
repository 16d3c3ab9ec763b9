import ExecutorRPC
import KargoCore
import KargoTestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When executions start.
private let moment = Date(timeIntervalSince1970: 0)
private let now: @Sendable () -> Date = { moment }

@Suite("Execution service", .timeLimit(.minutes(1)))
struct ExecutionServiceTests {
    private let clock = ManualClock()
    /// Kinds of the steps that were started.
    private let starts: AsyncStream<String>
    private let started: AsyncStream<String>.Continuation
    /// Lets a step end.
    private let gates: AsyncStream<StepResult>
    private let gate: AsyncStream<StepResult>.Continuation

    init() {
        (starts, started) = AsyncStream.makeStream()
        (gates, gate) = AsyncStream.makeStream()
    }

    private var service: ExecutionService {
        ExecutionService(bootID: "boot", clock: clock, now: now) { [started, gates] step, _ in
            started.yield(step.kind)
            for await result in gates { return result }
            throw CancellationError()
        }
    }

    private func start(_ id: String, _ kind: String = "probe", timeout: Double? = nil) -> ExecutionStart {
        ExecutionStart(id: id, step: StepFixtures.step(kind), timeout: timeout)
    }

    @Test func `runs what is started twice once`() async throws {
        let service = service
        let first = try service.start(start("a"))
        #expect(first == ExecutionReport(id: "a", bootID: "boot", startedAt: KubernetesMicroTime(moment)))
        #expect(try service.start(start("a")) == first)
        gate.yield(.succeeded(output: ["n": 1]))
        let report = await service.wait(for: "a", limit: .seconds(25))
        #expect(report?.result == .succeeded(output: ["n": 1]))
        #expect(try service.start(start("a")) == report)
        started.finish()
        #expect(await starts.reduce(into: []) { $0.append($1) } == ["probe"])
    }

    @Test func `refuses another one while one goes on`() async throws {
        let service = service
        _ = try service.start(start("a"))
        let busy = try #require(throws: ExecutionService.Busy.self) { try service.start(start("b")) }
        #expect(busy.running == "a")
        await service.cancelAll()
        #expect(try service.start(start("b")).result == nil)
        await service.cancelAll()
    }

    @Test func `answers a wait when its limit has passed`() async throws {
        let service = service
        _ = try service.start(start("a"))
        async let report = service.wait(for: "a", limit: .seconds(3))
        await clock.waitForSleepers()
        #expect(clock.nextWakeUp == .seconds(3))
        clock.advance(by: .seconds(3))
        #expect(await report == ExecutionReport(id: "a", bootID: "boot", startedAt: KubernetesMicroTime(moment)))
        await service.cancelAll()
    }

    @Test func `keeps nobody waiting longer than the protocol allows`() async throws {
        let service = service
        _ = try service.start(start("a"))
        async let report = service.wait(for: "a", limit: .seconds(100_000))
        await clock.waitForSleepers()
        #expect(clock.nextWakeUp == AgentProtocol.longestWait)
        gate.yield(.failed("no"))
        #expect(await report?.result == .failed("no"))
    }

    @Test(arguments: [Duration.zero, .seconds(-5)])
    func `answers at once where nobody wants to wait`(limit: Duration) async throws {
        let service = service
        _ = try service.start(start("a"))
        #expect(
            await service.wait(for: "a", limit: limit)
                == ExecutionReport(id: "a", bootID: "boot", startedAt: KubernetesMicroTime(moment))
        )
        await service.cancelAll()
    }

    @Test func `knows nothing of what was never started`() async {
        let service = service
        #expect(await service.wait(for: "a", limit: .seconds(25)) == nil)
        #expect(await service.cancel("a") == nil)
        #expect(service.list == ExecutionList(bootID: "boot", executions: []))
    }

    @Test func `ends what is cancelled`() async throws {
        let service = service
        _ = try service.start(start("a"))
        var iterator = starts.makeAsyncIterator()
        #expect(await iterator.next() == "probe")
        #expect(await service.cancel("a")?.result == .errored("the step was cancelled"))
    }

    @Test func `waits for the end of what is cancelled only a little`() async throws {
        let (gates, gate) = AsyncStream.makeStream(of: Void.self)
        let service = ExecutionService(bootID: "boot", clock: clock, now: now) { _, _ in
            // A step that does not heed its cancellation.
            await Task { for await _ in gates { break } }.value
            return .succeeded()
        }
        _ = try service.start(start("a"))
        async let report = service.cancel("a")
        await clock.waitForSleepers()
        #expect(clock.nextWakeUp == .seconds(2))
        clock.advance(by: .seconds(2))
        #expect(await report?.result == nil)
        gate.yield()
        #expect(await service.wait(for: "a", limit: .seconds(25))?.result == .succeeded())
    }

    @Test func `makes a result of what is thrown`() async throws {
        let service = ExecutionService(bootID: "boot", clock: clock, now: now) { _, _ in
            throw FieldError(path: FieldPath("config"), message: "is wrong")
        }
        _ = try service.start(start("a"))
        #expect(await service.wait(for: "a", limit: .seconds(25))?.result == .errored("config: is wrong"))
    }

    @Test func `lists the execution that was the last to start`() async throws {
        let service = service
        for id in ["a", "b", "c"] {
            _ = try service.start(start(id))
            gate.yield(.succeeded())
            _ = await service.wait(for: id, limit: .seconds(25))
        }
        #expect(service.list.executions.map(\.id) == ["c"])
        #expect(service.list.executions.map(\.bootID) == ["boot"])
        #expect(service.list.executions.last?.result == .succeeded())
    }

    @Test(arguments: [(nil, nil), (1.5, .seconds(1.5)), (0, .zero), (-3, .zero)] as [(Double?, Duration?)])
    func `hands on the time of a step`(timeout: Double?, expected: Duration?) async throws {
        let (times, time) = AsyncStream.makeStream(of: Duration?.self)
        let service = ExecutionService(bootID: "boot", clock: clock, now: now) { _, limit in
            time.yield(limit)
            return .succeeded()
        }
        _ = try service.start(start("a", timeout: timeout))
        var iterator = times.makeAsyncIterator()
        #expect(await iterator.next() == .some(expected))
    }

    @Test(arguments: [1e300, .infinity])
    func `survives a time beyond all measure`(timeout: Double) async throws {
        let (times, time) = AsyncStream.makeStream(of: Duration?.self)
        let service = ExecutionService(bootID: "boot", clock: clock, now: now) { _, limit in
            time.yield(limit)
            return .succeeded()
        }
        _ = try service.start(start("a", timeout: timeout))
        var iterator = times.makeAsyncIterator()
        let limit = try #require(await iterator.next())
        #expect(try #require(limit) > .seconds(1_000_000))
    }
}
