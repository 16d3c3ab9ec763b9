import KargoCore
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Shows people how a Promotion goes on.
protocol PromotionView: Sendable {
    /// Shows a state, or the same one a second later.
    func show(_ promotion: Promotion)
}

/// Lines below one another, for files and other programs.
final class PlainPromotionView: PromotionView {
    private let transcript = Mutex(PromotionTranscript())
    private let write: @Sendable (String) -> Void

    init(write: @escaping @Sendable (String) -> Void = Console.write) { self.write = write }

    func show(_ promotion: Promotion) {
        transcript.withLock { transcript in
            for line in transcript.lines(for: promotion, at: Date()) { write(line + "\n") }
        }
    }
}

/// A picture that is drawn again and again in one place of a terminal.
final class LivePromotionView: PromotionView {
    private let screen = Mutex(PromotionScreen())

    func show(_ promotion: Promotion) {
        screen.withLock { screen in
            let size = Console.size ?? (lines: 24, columns: 80)
            Console.write(screen.drawing(of: promotion, at: Date(), size: size))
        }
    }
}
