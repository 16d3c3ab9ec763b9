import KargoCore
import Synchronization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Remembers values until they expire.
final class ExpiringCache<Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let expiry: Date
    }

    private static var maximumCount: Int { 10_000 }

    private let entries = Mutex<[[UInt8]: Entry]>([:])

    /// A key of several texts, which can't be told from it.
    static func key(_ parts: [String]) -> [UInt8] {
        // The lengths keep "a", "bc" and "ab", "c" apart.
        Digest.sha256(parts.flatMap { Array("\($0.utf8.count):\($0)".utf8) })
    }

    func value(_ key: [UInt8], at moment: Date) -> Value? {
        entries.withLock { entries in entries[key].flatMap { moment < $0.expiry ? $0.value : nil } }
    }

    /// Remembers a value for a while.
    func store(_ value: Value, for key: [UInt8], at moment: Date, seconds: Double) {
        entries.withLock { entries in
            entries = entries.filter { moment < $0.value.expiry }
            if entries.count >= Self.maximumCount { entries.removeAll() }
            entries[key] = Entry(value: value, expiry: moment.addingTimeInterval(seconds))
        }
    }
}
