import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Makes ULIDs: 26 characters whose order as text is the order in which they were made.
///
/// ## Guarantees
/// Two ULIDs of one generator are in order even within one millisecond and when the clock is set back: the random part
/// is then that of the one before plus one.
public final class ULIDGenerator: Sendable {
    private struct State {
        var milliseconds: UInt64
        /// 80 random bits.
        var high = UInt16.random(in: 0 ... .max)
        var low = UInt64.random(in: 0 ... .max)
    }

    private let state = Mutex(State(milliseconds: 0))
    private let now: @Sendable () -> Date

    /// Makes a generator.
    ///
    /// - Parameter now: The clock.
    public init(now: @escaping @Sendable () -> Date = { Date() }) {
        self.now = now
    }

    /// A new ULID, in upper case.
    public func next() -> String {
        let milliseconds = UInt64(max(0, now().timeIntervalSince1970 * 1000)) & 0xFFFF_FFFF_FFFF
        return state.withLock { state in
            if milliseconds > state.milliseconds {
                state = State(milliseconds: milliseconds)
            } else {
                state.low &+= 1
                if state.low == 0 {
                    state.high &+= 1
                    if state.high == 0 { state.milliseconds += 1 }
                }
            }
            return Self.text(state)
        }
    }

    /// Crockford's base 32: ten characters of time, sixteen of randomness.
    private static func text(_ state: State) -> String {
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        let random = UInt128(state.high) << 64 | UInt128(state.low)
        let value = UInt128(state.milliseconds) << 80 | random
        let characters = (0..<26).map { alphabet[Int(truncatingIfNeeded: value >> (5 * (25 - $0))) & 31] }
        return String(decoding: characters, as: UTF8.self)
    }
}
