import KargoTestSupport
import Testing

@Suite("Manual clock")
struct ManualClockTests {
    @Test func `wakes sleepers when the time has come, not before`() async throws {
        let clock = ManualClock()
        async let first: Void = clock.sleep(for: .seconds(1))
        async let second: Void = clock.sleep(for: .seconds(2))
        await clock.waitForSleepers(2)
        #expect(clock.nextWakeUp == .seconds(1))
        clock.advance(by: .milliseconds(1500))
        try await first
        #expect(clock.nextWakeUp == .milliseconds(500))
        clock.advance(by: .seconds(1))
        try await second
        #expect(clock.nextWakeUp == nil)
        #expect(clock.now.offset == .milliseconds(2500))
    }

    @Test func `ends the sleep of a cancelled task`() async {
        let clock = ManualClock()
        let task = Task { try await clock.sleep(for: .seconds(1)) }
        await clock.waitForSleepers()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let cancelledBefore = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(for: .seconds(1))
        }
        await #expect(throws: CancellationError.self) { try await cancelledBefore.value }
    }
}
