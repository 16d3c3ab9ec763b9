import KargoCore
import Testing

@testable import KargoCommands

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("A Promotion drawn on a terminal")
struct PromotionScreenTests {
    private func date(_ seconds: Int64) -> Date { Date(timeIntervalSince1970: Double(SamplePromotion.start + seconds)) }

    private func running() throws -> Promotion {
        try SamplePromotion.make("Running", [(.succeeded, 0, 7, ""), (.running, 7, nil, "waits")])
    }

    @Test func `shows every step and how the Promotion stands`() throws {
        #expect(
            PromotionScreen.lines(of: try running(), at: date(72), count: 20) == [
                "✓   clone    git-clone   Succeeded   7s", "▸   step-2   mkdir       Running     1m5s   waits",
                "·   notify   http", "Promotion test.01.abc Running",
            ]
        )
    }

    @Test func `draws over what it drew before`() throws {
        var screen = PromotionScreen()
        let first = screen.drawing(of: try running(), at: date(8), size: (24, 80))
        #expect(!first.contains("\u{1B}[4A"))
        #expect(first.split(separator: "\n").allSatisfy { $0.hasSuffix("\u{1B}[K") })
        #expect(screen.drawing(of: try running(), at: date(9), size: (24, 80)).hasPrefix("\u{1B}[4A\r"))
        let smaller = screen.drawing(of: try running(), at: date(9), size: (3, 80))
        #expect(smaller.hasPrefix("\u{1B}[4A\r"))
        #expect(smaller.hasSuffix("\u{1B}[J"))
        #expect(screen.drawing(of: try running(), at: date(9), size: (24, 80)).hasPrefix("\u{1B}[2A\r"))
    }

    @Test func `never writes more than a line has room for`() throws {
        var screen = PromotionScreen()
        let message = String(repeating: "漢字", count: 100)
        let promotion = try SamplePromotion.make("Running", message: message, [(.running, 0, nil, message)])
        for line in screen.drawing(of: promotion, at: date(1), size: (24, 40)).split(separator: "\n") {
            #expect(String(line).replacing("\u{1B}[K", with: "").columns <= 39)
        }
    }

    @Test(arguments: [(0, 0), (5, 3), (9, 6)])
    func `keeps the running step in sight on a small terminal`(current: Int, first: Int) throws {
        var promotion = try SamplePromotion.make("Running")
        promotion.spec.steps = (0..<10).map { PromotionStep(uses: "kind\($0)") }
        promotion.status.stepExecutionMetadata = (0...current)
            .map { index in
                var record = StepExecutionMetadata(alias: "s\(index)")
                record.status = index == current ? .running : .succeeded
                return record
            }
        let lines = PromotionScreen.lines(of: promotion, at: date(1), count: 5)
        #expect(lines.count == 5)
        #expect(lines[0].contains("kind\(first)"))
        #expect(lines.contains { $0.contains("▸") })
    }

    @Test func `lets no message command the terminal`() throws {
        let promotion = try SamplePromotion.make(
            "Running",
            message: "\u{1B}[2J",
            [(.running, 0, nil, "a\u{9B}2J\nb\u{07}")]
        )
        let text = PromotionScreen.lines(of: promotion, at: date(1), count: 9).joined()
        #expect(!text.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
    }
}
