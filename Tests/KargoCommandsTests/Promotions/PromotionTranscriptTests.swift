import KargoCore
import Testing

@testable import KargoCommands

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A Promotion told line by line")
struct PromotionTranscriptTests {
    private let now = Date(timeIntervalSince1970: Double(SamplePromotion.start + 100))

    @Test func `tells each beginning and each end once`() throws {
        var transcript = PromotionTranscript()
        let states = try [
            SamplePromotion.make(),
            SamplePromotion.make("Running", [(.running, 0, nil, "")]),
            SamplePromotion.make("Running", [(.running, 0, nil, "still")]),
            SamplePromotion.make("Running", [(.succeeded, 0, 7, ""), (.running, 7, nil, "")]),
            SamplePromotion.make(
                "Running",
                [(.succeeded, 0, 7, ""), (.failed, 7, 72, "no\nspace"), (.skipped, 72, 72, "")]
            ),
            SamplePromotion.make(
                "Failed",
                message: "step-2 failed",
                [
                    (.succeeded, 0, 7, ""), (.failed, 7, 72, "no\nspace"), (.skipped, 72, 72, ""),
                ]
            ),
        ]
        #expect(
            states.map { transcript.lines(for: $0, at: now) } == [
                [], ["clone (git-clone) started"], [], ["clone (git-clone) Succeeded (7s)", "step-2 (mkdir) started"],
                ["step-2 (mkdir) Failed (1m5s): no space", "notify (http) Skipped"],
                ["Promotion test.01.abc Failed: step-2 failed"],
            ]
        )
        #expect(transcript.lines(for: states[5], at: now).isEmpty)
    }

    @Test func `misses nothing that happened between two states`() throws {
        var transcript = PromotionTranscript()
        let end = try SamplePromotion.make(
            "Succeeded",
            message: "fine",
            [
                (.succeeded, 0, 0, ""), (.succeeded, 0, 3, "made it"), (.skipped, nil, nil, ""),
            ]
        )
        #expect(
            transcript.lines(for: end, at: now) == [
                "clone (git-clone) started", "clone (git-clone) Succeeded (0s)", "step-2 (mkdir) started",
                "step-2 (mkdir) Succeeded (3s): made it", "notify (http) Skipped", "Promotion test.01.abc Succeeded",
            ]
        )
    }

    @Test func `bears a Promotion without steps and steps without records`() throws {
        var transcript = PromotionTranscript()
        var promotion = try SamplePromotion.make("Errored", message: "\u{1B}[31mred")
        promotion.spec.steps = []
        #expect(transcript.lines(for: promotion, at: now) == ["Promotion test.01.abc Errored: \u{FFFD}[31mred"])
    }
}
