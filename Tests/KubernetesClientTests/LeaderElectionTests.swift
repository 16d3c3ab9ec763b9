import KargoCore
import KargoTestSupport
import Logging
import Synchronization
import Testing

@testable import KubernetesClient

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Leader election", .timeLimit(.minutes(1)))
struct LeaderElectionTests {
    private let server = LeaseServer()
    private let clock = ManualClock()

    /// Tells of the level of each entry.
    private struct Levels: LogHandler {
        let note: @Sendable (Logger.Level) -> Void
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        init(_ note: @escaping @Sendable (Logger.Level) -> Void) { self.note = note }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { note(event.level) }
    }

    private func election(
        _ identity: String,
        time: Double = 1_000_000,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) -> LeaderElection {
        LeaderElection(
            api: server,
            namespace: "kargo",
            name: "lease",
            identity: identity,
            clock: clock,
            now: { [clock] in Date(timeIntervalSince1970: time + clock.now.offset / .seconds(1)) },
            jitter: { 0 },
            logger: logger
        )
    }

    // MARK: Who holds the lease

    @Test func `the first one makes the lease`() async throws {
        #expect(try await LeaderCandidate(election("a")).hold() == .held)
        #expect(
            server.spec == [
                "holderIdentity": "a", "leaseDurationSeconds": 15, "leaseTransitions": 0,
                "acquireTime": "1970-01-12T13:46:40.000000Z", "renewTime": "1970-01-12T13:46:40.000000Z",
            ]
        )
    }

    @Test func `the others wait as long as it is renewed, whatever time they think it is`() async throws {
        let holder = LeaderCandidate(election("a", time: 0))
        let other = LeaderCandidate(election("b", time: 4_000_000_000))
        for _ in 0..<10 {
            #expect(try await holder.hold() == .held)
            #expect(try await other.hold() == .heldBySomebodyElse)
            server.write { $0["renewTime"] = .string("\(KubernetesMicroTime(Date()))") }
            #expect(try await holder.hold() == .held)
            clock.advance(by: .seconds(14))
            #expect(try await other.hold() == .heldBySomebodyElse)
        }
        #expect(server.spec?["leaseTransitions"] == 0)
    }

    @Test func `one takes over what has not changed for as long as it lasts`() async throws {
        let other = LeaderCandidate(election("b", time: 0))
        #expect(try await LeaderCandidate(election("a", time: 4_000_000_000)).hold() == .held)
        clock.advance(by: .seconds(1000))
        // How old it is when it is seen first nobody knows.
        #expect(try await other.hold() == .heldBySomebodyElse)
        clock.advance(by: .milliseconds(14_999))
        #expect(try await other.hold() == .heldBySomebodyElse)
        clock.advance(by: .milliseconds(1))
        #expect(try await other.hold() == .held)
        #expect(server.spec?["holderIdentity"] == "b")
        #expect(server.spec?["leaseTransitions"] == 1)
        #expect(server.spec?["acquireTime"] == "1970-01-01T00:16:55.000000Z")
    }

    @Test func `the holder learns that somebody else took it`() async throws {
        let holder = LeaderCandidate(election("a"))
        #expect(try await holder.hold() == .held)
        server.write { $0["holderIdentity"] = "b" }
        #expect(try await holder.hold() == .heldBySomebodyElse)
        try await holder.release()
        #expect(server.spec?["holderIdentity"] == "b")
    }

    @Test func `what is let go is taken at once, and what others keep in the lease stays`() async throws {
        let holder = LeaderCandidate(election("a"))
        #expect(try await holder.hold() == .held)
        server.write { $0["preferredHolder"] = "x" }
        #expect(try await holder.hold() == .held)
        try await holder.release()
        #expect(server.spec?["holderIdentity"] == nil)
        #expect(server.spec?["leaseDurationSeconds"] == 1)
        #expect(try await LeaderCandidate(election("b")).hold() == .held)
        #expect(server.spec?["leaseTransitions"] == 1)
        #expect(server.spec?["preferredHolder"] == "x")
    }

    @Test func `of two that want it at the same time one gets it`() async throws {
        let candidates = (0..<8).map { LeaderCandidate(election("\($0)")) }
        let held = try await withThrowingTaskGroup(of: Bool.self) { group in
            for candidate in candidates { group.addTask { try await candidate.hold() == .held } }
            return try await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
        #expect(held == 1)
    }

    // MARK: Work

    // Runs an election whose work begins with a deed and then waits for its end, while time goes by; no sleep that
    // is longer than the longest comes to its end.
    private func work(
        longest: Duration,
        tell: @escaping @Sendable (String) -> Void = { _ in },
        _ deed: @escaping @Sendable () -> Void
    ) async throws {
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let clock = clock
        let election = election("a")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in starts { break }
                while !Task.isCancelled {
                    await clock.waitForSleepers()
                    if let next = clock.nextWakeUp, next <= longest {
                        clock.advance(by: next)
                    } else {
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                try await election.run(onLost: { tell("lost") }) {
                    deed()
                    start.yield()
                    for await _ in AsyncStream<Never>.makeStream().stream {}
                    tell("ended")
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    @Test func `lets go of the lease when the work is done, fails or is cancelled`() async throws {
        struct Failure: Error {}
        let election = election("a")
        let result = try await election.run { 5 }
        #expect(result == 5)
        #expect(server.spec?["holderIdentity"] == nil)
        await #expect(throws: Failure.self) { try await election.run { () async throws in throw Failure() } }
        #expect(server.spec?["holderIdentity"] == nil)
        let (starts, start) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await election.run {
                start.yield()
                for await _ in AsyncStream<Never>.makeStream().stream {}
            }
        }
        for await _ in starts { break }
        #expect(server.spec?["holderIdentity"] == "a")
        task.cancel()
        _ = await task.result
        #expect(server.spec?["holderIdentity"] == nil)
        #expect(server.spec?["leaseTransitions"] == 2)
    }

    @Test(arguments: [LeaseServer.Mood.failing, .silent])
    func `ends the work when the lease can't be renewed`(mood: LeaseServer.Mood) async throws {
        let events = Mutex<[String]>([])
        let server = server
        let tell: @Sendable (String) -> Void = { event in events.withLock { $0.append(event) } }
        let error = await #expect(throws: LeaderElection.Lost.self) {
            try await work(longest: .seconds(10), tell: tell) { server.become(mood) }
        }
        #expect(error?.description == "the Lease kargo/lease is lost: it could not be renewed for 10 s")
        #expect(events.withLock { $0 } == ["lost", "ended"])
        #expect(clock.now.offset >= .seconds(10) && clock.now.offset < .seconds(15))
        #expect(server.spec?["holderIdentity"] == "a")
    }

    @Test(arguments: [LeaseServer.Mood.failing, .silent])
    func `one that can't reach the lease for long says so until it can`(mood: LeaseServer.Mood) async throws {
        let levels = Mutex<[Logger.Level]>([])
        let election = election(
            "a",
            logger: Logger(label: "test") { _ in Levels { level in levels.withLock { $0.append(level) } } }
        )
        server.become(mood)
        let task = Task { try await election.run { for await _ in AsyncStream<Never>.makeStream().stream {} } }
        func pass(while condition: () -> Bool) async {
            while condition() {
                await clock.waitForSleepers()
                if let next = clock.nextWakeUp { clock.advance(by: next) }
                await Task.yield()
            }
        }
        #expect(election.problem == nil)
        await pass { election.problem == nil }
        #expect(clock.now.offset >= .seconds(30))
        #expect(election.problem?.hasPrefix("the Lease kargo/lease could not be read or written for ") == true)
        await pass { !levels.withLock { $0.contains(.warning) } }
        await pass { clock.now.offset < .seconds(300) }
        #expect(levels.withLock { $0.count { $0 == .warning } } == 1)
        server.become(.well)
        await pass { election.problem != nil }
        task.cancel()
        _ = await task.result
    }

    @Test func `ends the work at once when another process took the lease`() async throws {
        let server = server
        let error = await #expect(throws: LeaderElection.Lost.self) {
            try await work(longest: .seconds(2)) { server.write { $0["holderIdentity"] = "b" } }
        }
        #expect(error?.description.hasSuffix("another process took it") == true)
        #expect(clock.now.offset < .seconds(10))
        #expect(server.spec?["holderIdentity"] == "b")
    }
}

@Suite("Leader election on a cluster", .tags(.integration), .timeLimit(.minutes(1)))
struct LeaderElectionIntegrationTests {
    /// How many are at work.
    private final class Work: Sendable {
        let active = Mutex((now: 0, most: 0, all: 0))
    }

    @Test func `lets one work at a time`() async throws {
        try await LocalAPI.with { api in
            let work = Work()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for identity in ["a", "b", "c"] {
                    let election = LeaderElection(
                        api: api,
                        namespace: "default",
                        name: "lease",
                        identity: identity,
                        timing: LeaderElection.Timing(
                            leaseDuration: .seconds(15),
                            renewDeadline: .seconds(10),
                            retryPeriod: .milliseconds(10)
                        ),
                        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
                    )
                    group.addTask {
                        try await election.run {
                            work.active.withLock {
                                $0.now += 1
                                $0.most = max($0.most, $0.now)
                                $0.all += 1
                            }
                            for _ in 0..<5 { _ = try await api.get(.namespaces, name: "default") }
                            work.active.withLock { $0.now -= 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(work.active.withLock { $0 == (0, 1, 3) })
            let lease = try await api.get(.leases, namespace: "default", name: "lease")
            #expect(lease[path: "spec", "leaseTransitions"] == 2)
            #expect(lease[path: "spec", "holderIdentity"] == nil)
        }
    }
}
