public import Logging

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Sees to it that of several processes one works: the one that holds a `Lease` (`coordination.k8s.io/v1`).
///
/// It works beside processes that elect by Kubernetes' own client library, whose rules these are.
///
/// ## Guarantees
/// Nobody takes a lease over before it has been without a change for as long as it lasts, by the clock of who takes it:
/// clocks may differ, as long as they run at one speed. The holder stops before that, when it has not been able to renew
/// the lease for ``Timing/renewDeadline``.
public struct LeaderElection: Sendable {
    /// The times of an election.
    public struct Timing: Sendable, Hashable {
        /// How long the others leave a lease alone that is not renewed.
        public var leaseDuration: Duration
        /// How long the holder tries to renew it before it gives up.
        public var renewDeadline: Duration
        /// The pause between attempts.
        public var retryPeriod: Duration

        /// Makes times, each of which must be longer than the next; the lease's are whole seconds.
        public init(
            leaseDuration: Duration = .seconds(15),
            renewDeadline: Duration = .seconds(10),
            retryPeriod: Duration = .seconds(2)
        ) {
            precondition(leaseDuration > renewDeadline && renewDeadline > retryPeriod && retryPeriod > .zero)
            self.leaseDuration = leaseDuration
            self.renewDeadline = renewDeadline
            self.retryPeriod = retryPeriod
        }
    }

    /// The lease is lost; another process may be at work.
    public struct Lost: Error, Hashable, CustomStringConvertible {
        /// Which lease, and why.
        public let description: String
    }

    let api: any KubernetesAPI
    let namespace: String
    /// The name of the Lease.
    public let name: String
    let identity: String
    let timing: Timing
    let clock: any Clock<Duration>
    let now: @Sendable () -> Date
    let logger: Logger
    private let contact: LeaseContact
    private let jitter: @Sendable () -> Double

    /// Makes an election; nothing happens until it runs.
    ///
    /// - Parameters:
    ///   - api: The server.
    ///   - namespace: The namespace of the Lease.
    ///   - name: Its name.
    ///   - identity: What tells this process from all others, such as the name of its Pod with something random.
    ///   - timing: The times.
    ///   - clock: What they are measured with.
    ///   - now: The time that is written down for people.
    ///   - jitter: A number between 0 and 1 by which pauses differ.
    ///   - logger: Where it tells who leads.
    public init(
        api: any KubernetesAPI,
        namespace: String,
        name: String,
        identity: String,
        timing: Timing = Timing(),
        clock: any Clock<Duration> = .continuous,
        now: @escaping @Sendable () -> Date = { Date() },
        jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) },
        logger: Logger
    ) {
        self.api = api
        self.namespace = namespace
        self.name = name
        self.identity = identity
        self.timing = timing
        self.clock = clock
        self.now = now
        self.jitter = jitter
        self.logger = logger
        contact = LeaseContact(limit: timing.leaseDuration * 2, clock: clock)
    }

    /// What keeps this process from ever holding the lease; nil if nothing does, as far as is known.
    ///
    /// It is known when the Lease could not be read or written for twice as long as a lease lasts.
    public var problem: String? { contact.problem.map { "the Lease \(namespace)/\(self.name) \($0)" } }

    /// Waits for the lease and works as long as it holds it; then lets go of it.
    ///
    /// - Parameters:
    ///   - onLost: Is called when the lease is lost, before the work is cancelled: whoever can't be sure that the work
    ///     ends at once ends the process here.
    ///   - body: The work. It is cancelled when the lease is lost.
    /// - Returns: What the body returns.
    /// - Throws: ``Lost``, what the body throws, or `CancellationError`.
    public func run<Result: Sendable>(
        onLost: @escaping @Sendable () -> Void = {},
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let candidate = LeaderCandidate(self)
        let start = try await acquire(candidate)
        logger.info("lease acquired", metadata: metadata)
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(
                try await withThrowingTaskGroup(of: Result?.self) { group in
                    group.addTask { try await body() }
                    group.addTask {
                        try await renew(candidate, since: start, onLost: onLost)
                        return nil
                    }
                    defer { group.cancelAll() }
                    while let next = try await group.next() {
                        if let result = next { return result }
                    }
                    throw CancellationError()
                }
            )
        } catch {
            outcome = .failure(error)
        }
        // A lease that is lost is not ours to release, or can't be reached.
        if case .failure(let error) = outcome, error is Lost {} else { await release(candidate) }
        return try outcome.get()
    }

    /// Returns when the lease is held, with the moment from which on it is.
    private func acquire(_ candidate: LeaderCandidate) async throws -> Duration {
        while true {
            let start = await candidate.elapsed()
            if try await attempt(candidate, within: timing.renewDeadline) == .held { return start }
            try await clock.sleep(for: timing.retryPeriod * (1 + 1.2 * jitter()))
        }
    }

    /// Renews the lease until it is lost or the task is cancelled.
    private func renew(
        _ candidate: LeaderCandidate,
        since start: Duration,
        onLost: @Sendable () -> Void
    ) async throws {
        var renewed = start
        while true {
            try await clock.sleep(for: timing.retryPeriod)
            let start = await candidate.elapsed()
            let rest = renewed + timing.renewDeadline - start
            let outcome = try await rest > .zero ? attempt(candidate, within: rest) : .failed
            switch outcome {
            case .held:
                renewed = start
                continue
            case .failed:
                if await candidate.elapsed() < renewed + timing.renewDeadline { continue }
            case .heldBySomebodyElse: break
            }
            onLost()
            let reason =
                outcome == .failed
                ? "it could not be renewed for \(timing.renewDeadline.components.seconds) s" : "another process took it"
            throw Lost(description: "the Lease \(namespace)/\(name) is lost: \(reason)")
        }
    }

    /// Tries once to get or keep the lease.
    private func attempt(_ candidate: LeaderCandidate, within limit: Duration) async throws -> LeaderCandidate.Outcome {
        let reason: String
        do {
            let outcome = try await withThrowingTaskGroup(of: LeaderCandidate.Outcome?.self) { group in
                group.addTask { try await candidate.hold() }
                group.addTask {
                    try await clock.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            if let outcome {
                contact.answered()
                return outcome
            }
            reason = "no answer within \(limit)"
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            reason = "\(error)"
        }
        let level: Logger.Level = contact.failed(reason) ? .warning : .info
        logger.log(
            level: level,
            "lease not reached",
            metadata: metadata.merging(["error": "\(reason)"]) { own, _ in own }
        )
        return .failed
    }

    /// Lets go of the lease, also in a task that is cancelled, so that the next one need not wait for its end.
    private func release(_ candidate: LeaderCandidate) async {
        // Not a child: it has to be done although this task may be cancelled; it ends by the clock.
        let release = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await candidate.release() }
                group.addTask { try await clock.sleep(for: timing.renewDeadline) }
                defer { group.cancelAll() }
                try await group.next()
            }
        }
        if case .failure(let error) = await release.result {
            logger.info("lease not released", metadata: metadata.merging(["error": "\(error)"]) { own, _ in own })
        }
    }

    private var metadata: Logger.Metadata {
        ["lease.name": "\(namespace)/\(name)", "lease.holder": "\(identity)"]
    }
}
