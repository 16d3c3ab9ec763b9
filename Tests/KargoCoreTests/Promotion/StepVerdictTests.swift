import Testing

@testable import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Verdict on an attempt")
struct StepVerdictTests {
    /// One attempt and what follows from it.
    struct Example: Sendable, CustomTestStringConvertible {
        var result: StepResult
        var threshold: Int64 = 1
        var verdict: StepVerdict
        var status: StepStatus
        var message = ""

        var testDescription: String { "\(result.status) \(String(describing: result.failure)) of \(threshold)" }
    }

    private static let start = Date(timeIntervalSince1970: 1_800_000_000)

    private func judge(
        _ result: StepResult,
        threshold: Int64,
        timeout: Duration? = nil,
        elapsed: Double = 1
    ) -> (StepVerdict, StepExecutionMetadata) {
        var metadata = StepExecutionMetadata(alias: "a")
        metadata.startedAt = KubernetesTime(Self.start)
        let kind = StepKind(name: "k", defaultTimeout: timeout, defaultErrorThreshold: threshold)
        let verdict = StepVerdict(
            result,
            metadata: &metadata,
            limits: StepLimits(nil, kind: kind),
            now: Self.start.addingTimeInterval(elapsed)
        )
        return (verdict, metadata)
    }

    @Test(arguments: [
        Example(result: .succeeded(), verdict: .complete, status: .succeeded),
        Example(
            result: StepResult(status: .succeeded, message: "m"),
            verdict: .complete,
            status: .succeeded,
            message: "m"
        ),
        Example(result: StepResult(status: .skipped, message: "m"), verdict: .complete, status: .skipped, message: "m"),
        Example(result: StepResult(status: .aborted, message: "m"), verdict: .complete, status: .aborted, message: "m"),
        Example(result: .running("m"), verdict: .poll(after: nil), status: .running, message: "m"),
        Example(
            result: .running(retryAfter: .seconds(7)),
            threshold: 5,
            verdict: .poll(after: .seconds(7)),
            status: .running
        ),
        Example(result: .failed("m"), threshold: 5, verdict: .complete, status: .failed, message: "m"),
        Example(
            result: .erroredForGood("m"),
            threshold: 5,
            verdict: .complete,
            status: .errored,
            message: "an unrecoverable error occurred: m"
        ),
        Example(result: .errored("m"), verdict: .complete, status: .errored, message: "m"),
        Example(result: .errored("m"), threshold: 2, verdict: .retry, status: .errored, message: "m; will be retried"),
        Example(
            result: StepResult(status: .failed, failure: .retryable("m")),
            verdict: .complete,
            status: .failed,
            message: "m"
        ),
        Example(
            result: StepResult(status: .failed, failure: .retryable("m")),
            threshold: 2,
            verdict: .retry,
            status: .failed,
            message: "m; will be retried"
        ),
        // An attempt that says it failed, without an error.
        Example(result: StepResult(status: .failed, message: "m"), verdict: .complete, status: .failed, message: "m"),
        Example(
            result: StepResult(status: .failed, message: "m"),
            threshold: 2,
            verdict: .retry,
            status: .failed,
            message: "m; will be retried"
        ),
        Example(
            result: StepResult(status: .errored),
            verdict: .complete,
            status: .errored,
            message: "no details provided"
        ),
    ])
    func `follows Kargo's rules`(_ example: Example) {
        let (verdict, metadata) = judge(example.result, threshold: example.threshold)
        #expect(verdict == example.verdict)
        #expect(metadata.status == example.status)
        #expect(metadata.message == example.message)
        #expect((metadata.finishedAt != nil) == (example.verdict == .complete))
        #expect(metadata.startedAt == KubernetesTime(Self.start))
    }

    @Test(arguments: [StepStatus.succeeded, .skipped, .running, .aborted])
    func `believes the error rather than the status`(_ status: StepStatus) {
        let broken = StepResult(status: status, message: "fine", failure: .retryable("m"))
        let (verdict, metadata) = judge(broken, threshold: 2)
        #expect(verdict == .retry)
        #expect(metadata.status == .errored)
        #expect(metadata.message == "m; will be retried")
        let (end, ended) = judge(StepResult(status: status, failure: .terminal("m")), threshold: 2)
        #expect(end == .complete)
        #expect(ended.status == .errored)
        #expect(ended.message == "an unrecoverable error occurred: m")
    }

    @Test func `counts broken attempts up to the threshold`() {
        var metadata = StepExecutionMetadata(alias: "a")
        let limits = StepLimits(nil, kind: StepKind(name: "k", defaultErrorThreshold: 3))
        let verdicts = (0..<3)
            .map { _ in StepVerdict(.errored("m"), metadata: &metadata, limits: limits, now: Self.start) }
        #expect(verdicts == [.retry, .retry, .complete])
        #expect(metadata.errorCount == 3)
        #expect(metadata.message == "met error threshold of 3: m")
        #expect(metadata.finishedAt == KubernetesTime(Self.start))
    }

    @Test func `counts nothing but broken attempts`() {
        for result in [.running(), .succeeded(), .failed("m"), .erroredForGood("m")] as [StepResult] {
            #expect(judge(result, threshold: 3).1.errorCount == 0)
        }
    }

    @Test(arguments: [
        (StepResult.running("m"), "timed out after 1m0s: m"), (.running(), "timed out after 1m0s"),
        (.errored("m"), "timed out after 1m0s: m"),
        (StepResult(status: .failed, failure: .retryable("m")), "timed out after 1m0s: m"),
    ])
    func `ends what is not done when the time is up`(_ result: StepResult, _ message: String) {
        let (early, _) = judge(result, threshold: 9, timeout: .seconds(60), elapsed: 59)
        #expect(early != .complete)
        let (late, metadata) = judge(result, threshold: 9, timeout: .seconds(60), elapsed: 61)
        #expect(late == .complete)
        #expect(metadata.status == .errored)
        #expect(metadata.message == message)
        #expect(metadata.finishedAt != nil)
    }

    @Test(arguments: [StepResult.succeeded(), StepResult(status: .skipped), .failed("m"), StepResult(status: .aborted)])
    func `lets stand what is done after the time is up`(_ result: StepResult) {
        let (verdict, metadata) = judge(result, threshold: 9, timeout: .seconds(60), elapsed: 600)
        #expect(verdict == .complete)
        #expect(metadata.status == result.status)
    }

    @Test(
        arguments: [
            (nil, nil, nil), (nil, 300, 300), ("30s", 300, 30), ("0s", 300, nil), ("-5s", 300, nil), ("30s", nil, 30),
            (nil, 0, nil), (nil, -1, nil),
        ] as [(String?, Int?, Int?)]
    )
    func `takes the time from the step, else from its kind`(_ own: String?, _ kind: Int?, _ expected: Int?) throws {
        var retry = PromotionStepRetry()
        retry.timeout = try own.map { try GoDuration($0) }
        let limits = StepLimits(retry, kind: StepKind(name: "k", defaultTimeout: kind.map { .seconds($0) }))
        #expect(limits.timeout == expected.map { .seconds($0) })
    }

    @Test(
        arguments: [(0, 1, 1), (0, 5, 5), (3, 5, 3), (1, 5, 1), (-1, 5, 5), (0, 0, 1), (0, -2, 1)]
            as [(Int64, Int64, Int64)]
    )
    func `takes the threshold from the step, else from its kind, and at least one`(
        _ own: Int64,
        _ kind: Int64,
        _ expected: Int64
    ) {
        var retry = PromotionStepRetry()
        retry.errorThreshold = own
        let limits = StepLimits(retry, kind: StepKind(name: "k", defaultErrorThreshold: kind))
        #expect(limits.errorThreshold == expected)
    }

    @Test func `knows no end of a step that has not begun or may take for ever`() throws {
        let limits = StepLimits(nil, kind: StepKind(name: "k", defaultTimeout: .seconds(60)))
        var metadata = StepExecutionMetadata(alias: "a")
        #expect(metadata.remainingTime(limits: limits, now: Self.start) == nil)
        metadata.startedAt = KubernetesTime(Self.start)
        let later = Self.start.addingTimeInterval(90)
        #expect(metadata.remainingTime(limits: limits, now: later) == .seconds(-30))
        #expect(metadata.remainingTime(limits: StepLimits(nil, kind: StepKind(name: "k")), now: later) == nil)
    }
}
