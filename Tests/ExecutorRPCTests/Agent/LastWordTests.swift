import KargoTestSupport
import Testing

@testable import ExecutorRPC

@Suite("Silence of the controller", .timeLimit(.minutes(1)))
struct LastWordTests {
    @Test func `ends the agent a day after the last word`() async throws {
        let clock = ManualClock()
        let word = LastWord(clock: clock)
        try await withThrowingTaskGroup(of: Duration.self) { group in
            let start = clock.now
            group.addTask {
                try await word.waitForSilence(of: .seconds(24 * 3600))
                return start.duration(to: clock.now)
            }
            await clock.waitForSleepers()
            clock.advance(by: .seconds(20 * 3600))
            word.note()
            clock.advance(by: .seconds(4 * 3600))
            // Awake because of the first word, and asleep again because of the second.
            await clock.waitForSleepers()
            clock.advance(by: .seconds(20 * 3600))
            let silence = try await group.next()
            #expect(silence == .seconds(44 * 3600))
        }
    }
}
