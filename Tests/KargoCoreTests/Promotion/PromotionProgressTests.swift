import Testing

@testable import KargoCore

@Suite("Progress of a Promotion")
struct PromotionProgressTests {
    private func progress(_ metadata: [StepExecutionMetadata]) -> PromotionProgress {
        var progress = PromotionProgress()
        progress.stepExecutionMetadata = metadata
        return progress
    }

    @Test(
        arguments: [
            ([], .succeeded), ([.succeeded, .skipped], .succeeded), ([.skipped], .succeeded),
            ([.succeeded, .running], .errored), ([.running, .aborted], .aborted), ([.aborted, .failed], .failed),
            ([.failed, .errored, .aborted], .errored), ([.errored, .failed], .errored), ([nil], .errored),
            ([.failed, nil], .errored),
        ] as [([StepStatus?], PromotionPhase)]
    )
    func `ends as its worst step did`(_ statuses: [StepStatus?], _ phase: PromotionPhase) {
        #expect(progress(statuses.map { metadata("a", $0) }).finalPhase.phase == phase)
    }

    @Test func `says what the first of its worst steps said`() {
        let steps = [
            metadata("a", .skipped, "not needed"), metadata("b", .failed, "first"), metadata("c", .failed, "second"),
            metadata("d", .succeeded, "fine"),
        ]
        #expect(progress(steps).finalPhase.message == "first")
        #expect(progress([steps[0], steps[3]]).finalPhase == (.succeeded, "not needed"))
        #expect(progress([steps[3]]).finalPhase == (.succeeded, ""))
    }

    @Test func `does not count steps that may fail`() {
        let steps = [metadata("a", .errored, "m", continueOnError: true), metadata("b", .succeeded)]
        #expect(progress(steps).finalPhase == (.succeeded, ""))
        #expect(!progress(steps).hasFailures)
        #expect(progress([metadata("a", .errored, continueOnError: false)]).hasFailures)
    }

    @Test(
        arguments: [
            (.succeeded, false), (.skipped, false), (.running, false), (.aborted, false), (.failed, true),
            (.errored, true), (nil, false),
        ] as [(StepStatus?, Bool)]
    )
    func `knows what is a failure`(_ status: StepStatus?, _ isFailure: Bool) {
        #expect(progress([metadata("a", status)]).hasFailures == isFailure)
    }

    // MARK: Outputs

    private static let composer = StepKind(name: "compose-output", propagatesOutputToTask: true)

    @Test func `replaces what an earlier attempt put out, also by nothing`() {
        var progress = PromotionProgress()
        progress.recordOutput(["a": 1, "b": 2], of: "s", kind: StepKind(name: "k"))
        progress.recordOutput(["a": 3], of: "s", kind: StepKind(name: "k"))
        #expect(progress.state == ["s": ["a": 3]])
        progress.recordOutput(nil, of: "s", kind: StepKind(name: "k"))
        #expect(progress.state == ["s": [:]])
    }

    @Test func `merges outputs of a task's steps into those of the task`() {
        var progress = PromotionProgress()
        progress.recordOutput(["a": 1, "b": 1], of: "t::x", kind: Self.composer)
        progress.recordOutput(["b": 2], of: "t::y", kind: Self.composer)
        progress.recordOutput(["c": 3], of: "t::z", kind: StepKind(name: "k"))
        progress.recordOutput(nil, of: "t::y", kind: Self.composer)
        #expect(progress.state["t"] == ["a": 1, "b": 2])
        #expect(progress.state["t::x"] == ["a": 1, "b": 1])
        #expect(progress.state["t::y"] == [:])
        #expect(progress.state["t::z"] == ["c": 3])
    }

    @Test(arguments: ["plain", "a::b::c", "::x", "a:b", ""])
    func `takes no other alias for that of a task's step`(_ alias: String) {
        var progress = PromotionProgress()
        progress.recordOutput(["a": 1], of: alias, kind: Self.composer)
        #expect(progress.state == [alias: ["a": 1]])
    }

    @Test func `replaces an output of the task that is no object`() {
        var progress = PromotionProgress(state: ["t": "text"])
        progress.recordOutput(["a": 1], of: "t::x", kind: Self.composer)
        #expect(progress.state["t"] == ["a": 1])
    }
}
