#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// When a step is given up.
public struct StepLimits: Sendable, Hashable {
    /// How long it may take from its first attempt; nil is for ever.
    public var timeout: Duration?
    /// How many attempts may fail.
    var errorThreshold: Int64

    /// What the step says, else what its kind says.
    ///
    /// A timeout of zero is none.
    public init(_ retry: PromotionStepRetry?, kind: StepKind) {
        let timeout = retry?.timeout.map(\.duration) ?? kind.defaultTimeout
        self.timeout = timeout.flatMap { $0 > .zero ? $0 : nil }
        let threshold = retry?.errorThreshold ?? 0
        errorThreshold = threshold > 0 ? threshold : kind.defaultErrorThreshold
    }
}

/// What follows from an attempt.
enum StepVerdict: Equatable {
    /// The step is over; its metadata say how.
    case complete
    /// The step is running; look again when the kind's own time has passed, if it named one.
    case poll(after: Duration?)
    /// The attempt failed, another one follows.
    case retry

    /// Kargo's rules for a step after an attempt, in their order.
    ///
    /// One differs on purpose: an attempt that is `Failed` without an error counts as a failed attempt. In Kargo no
    /// rule covers it, and the step is polled for ever.
    ///
    /// - Parameters:
    ///   - result: How the attempt went.
    ///   - metadata: The step's record, which is brought up to date.
    ///   - limits: When the step is given up.
    ///   - now: The time.
    init(_ result: StepResult, metadata: inout StepExecutionMetadata, limits: StepLimits, now: Date) {
        var failure = result.failure
        metadata.status = result.status
        metadata.message = result.message
        switch result.status {
        case .succeeded, .skipped, .running, .aborted:
            if let failure {
                metadata.status = .errored
                metadata.message = failure.message
            }
        case .failed, .errored:
            if failure == nil {
                let message = result.message.isEmpty ? "no details provided" : result.message
                failure = .retryable(message)
            }
            metadata.message = failure?.message ?? ""
        }
        switch (metadata.status, failure) {
        case (.succeeded, _), (.skipped, _), (.aborted, nil):
            self = .complete
        case (.failed, .terminal):
            self = .complete
        case (_, .terminal(let message)):
            metadata.status = .errored
            metadata.message = "an unrecoverable error occurred: \(message)"
            self = .complete
        case (_, .retryable(let message)):
            metadata.errorCount += 1
            if metadata.errorCount >= limits.errorThreshold {
                if metadata.status != .failed { metadata.status = .errored }
                if limits.errorThreshold > 1 {
                    metadata.message = "met error threshold of \(limits.errorThreshold): \(message)"
                }
                self = .complete
            } else {
                metadata.message = message + StepExecutionMetadata.retrySuffix
                self = .retry
            }
        default:
            self = .poll(after: result.retryAfter)
        }
        if self != .complete, metadata.isExpired(limits: limits, now: now) {
            metadata.expire(limits: limits)
            self = .complete
        }
        if self == .complete { metadata.finishedAt = KubernetesTime(now) }
    }
}

extension StepExecutionMetadata {
    /// What the message of an attempt ends with that another one follows.
    fileprivate static let retrySuffix = "; will be retried"

    /// How long the step may still take; nil is for ever.
    func remainingTime(limits: StepLimits, now: Date) -> Duration? {
        guard let timeout = limits.timeout, let startedAt else { return nil }
        return timeout - .seconds(now.timeIntervalSince(startedAt.date))
    }

    fileprivate func isExpired(limits: StepLimits, now: Date) -> Bool {
        remainingTime(limits: limits, now: now).map { $0 <= .zero } ?? false
    }

    /// Records that the step's time is up.
    mutating func expire(limits: StepLimits) {
        status = .errored
        if message.hasSuffix(Self.retrySuffix) { message.removeLast(Self.retrySuffix.count) }
        let reason = message.isEmpty ? "" : ": \(message)"
        message = "timed out after \(GoDuration(limits.timeout ?? .zero))\(reason)"
    }
}
