import KargoTestSupport
import Synchronization
import Testing

@testable import BuiltinSteps

@Suite("Attempts to push")
struct PushAttemptsTests {
    @Test func `come after longer and longer times`() {
        let delays = (1...12).map { PushAttempts.Backoff.delay(after: $0, random: 0) }
        #expect(Array(delays.prefix(4)) == [.seconds(1), .seconds(1.5), .seconds(2.25), .seconds(3.375)])
        #expect(delays.last == .seconds(30))
        #expect(PushAttempts.Backoff.delay(after: 1, random: 1) == .seconds(1.5))
        #expect(PushAttempts.Backoff.delay(after: 1_000_000, random: 1) == .seconds(30))
    }

    private final class Numbers: Sendable {
        private let list = Mutex<[Int]>([])

        var all: [Int] { list.withLock { $0 } }

        func add(_ number: Int) { list.withLock { $0.append(number) } }
    }

    private final class Flag: Sendable {
        private let value = Mutex(false)

        var isUp: Bool {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    private static let race = GitError(.nonFastForward, "others were quicker")

    @Test(arguments: [1, 3, 12]) func `are as many as are allowed`(most: Int) async throws {
        let clock = ManualClock()
        let attempts = try PushAttempts(environment: [:], clock: clock)
        let numbers = Numbers()
        let outcome = Task {
            try await attempts.attempt(atMost: most, on: "main", of: "url") { number in
                numbers.add(number)
                throw Self.race
            }
        }
        for _ in 1..<most {
            await clock.waitForSleepers()
            clock.advance(by: .seconds(30))
        }
        await #expect(throws: Self.race) { try await outcome.value }
        #expect(numbers.all == Array(0..<most))
    }

    @Test func `end with any other error`() async throws {
        let attempts = try PushAttempts(environment: [:], clock: ManualClock())
        let error = GitError(.conflict, "conflict")
        await #expect(throws: error) {
            try await attempts.attempt(atMost: 5, on: "main", of: "url") { _ in throw error }
        }
    }

    @Test func `end with the task while they wait`() async throws {
        let clock = ManualClock()
        let attempts = try PushAttempts(environment: [:], clock: clock)
        let task = Task { try await attempts.attempt(atMost: 5, on: "main", of: "url") { _ in throw Self.race } }
        await clock.waitForSleepers()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func `wait for the branch, and only for that`() async throws {
        let locks = BranchLocks()
        let (entered, entrance) = AsyncStream.makeStream(of: Void.self)
        let (opened, door) = AsyncStream.makeStream(of: Void.self)
        let inside = Flag()
        let holder = Task {
            try await locks.withBranch("main", of: "https://h/p.git") {
                inside.isUp = true
                entrance.yield()
                for await _ in opened { break }
                inside.isUp = false
            }
        }
        for await _ in entered { break }
        try await locks.withBranch("other", of: "https://h/p.git") {}
        try await locks.withBranch("main", of: "https://h/other") {}
        let cancelled = Task { try await locks.withBranch("main", of: "https://h/p") { Issue.record("was let in") } }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let next = Task { try await locks.withBranch("main", of: "https://H/p") { inside.isUp } }
        door.yield()
        #expect(try await next.value == false)
        try await holder.value
    }

    @Test(arguments: [
        ("[rejected] (fetch first)", true), ("[rejected] (non-fast-forward)", true),
        ("[remote rejected] (cannot lock ref 'refs/heads/main': is at 1 but expected 2)", true),
        ("[remote rejected] (incorrect old value provided)", true), ("[rejected] (already exists)", false),
        ("[remote rejected] (pre-receive hook declined)", false), ("[remote failure] (fetch first)", false),
        ("(fetch first)", false), ("[rejected]", false), ("", false),
    ]) func `are worth it if others were quicker`(rejection: String, wanted: Bool) {
        #expect(GitClone.isRaceLost(rejection, "") == wanted)
    }

    @Test(arguments: [("cannot lock ref 'refs/heads/main': is at 1 but expected 2", true), ("disk full", false)])
    func `are worth it if older servers say so`(reason: String, wanted: Bool) {
        let rejection = "[remote rejected] (failed to update ref)"
        #expect(GitClone.isRaceLost(rejection, "remote: error: \(reason)") == wanted)
    }

    @Test(
        arguments: [
            ([], true, true), ([], false, true), ([.trusted], true, true), ([.trusted], false, false),
            ([.untrusted], true, false), ([.untrusted], false, false), ([.unsigned], true, false),
            ([.unsigned], false, true), ([.unsigned, .trusted], false, false), ([.trusted, .trusted], true, true),
        ] as [([GitCommit.Trust], Bool, Bool)]
    )
    func `know when a rebase touches signatures`(commits: [GitCommit.Trust], signing: Bool, isSafe: Bool) {
        #expect(PushIntegrationPolicy.isRebaseSafe(commits, signing: signing) == isSafe)
    }

    @Test(
        arguments: [("G", .trusted), ("N", .unsigned), ("", .unsigned), ("U", .untrusted), ("E", .untrusted)]
            as [(String, GitCommit.Trust)]
    )
    func `read what git says of signatures`(letter: String, trust: GitCommit.Trust) {
        #expect(GitCommit.Trust(letter) == trust)
    }
}
