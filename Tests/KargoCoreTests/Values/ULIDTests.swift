import KargoCore
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("ULID")
struct ULIDTests {
    /// A clock in milliseconds that a test sets.
    private final class Milliseconds: Sendable {
        private let value: Mutex<Double>

        init(_ value: Double) { self.value = Mutex(value) }

        var date: Date { Date(timeIntervalSince1970: value.withLock { $0 } / 1000) }

        func set(_ new: Double) { value.withLock { $0 = new } }
    }

    private static let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    /// The number that the text stands for.
    private func number(_ text: String) throws -> UInt128 {
        try text.reduce(0) { try $0 << 5 | UInt128(#require(Self.alphabet.firstIndex(of: $1))) }
    }

    // The time of the ULID specification's example, and the least and the greatest time.
    @Test(arguments: [
        (0, "0000000000"), (1_469_918_176_385, "01ARYZ6S41"), (281_474_976_710_655, "7ZZZZZZZZZ"),
    ])
    func `begins with the time`(_ milliseconds: Double, _ expected: String) {
        let text = ULIDGenerator(now: { Date(timeIntervalSince1970: milliseconds / 1000) }).next()
        #expect(text.hasPrefix(expected))
        #expect(text.utf8.count == 26)
        #expect(text.allSatisfy(Self.alphabet.contains))
    }

    @Test func `counts on within a millisecond and when the clock is set back`() throws {
        let clock = Milliseconds(1_800_000_000_000)
        let generator = ULIDGenerator(now: { clock.date })
        var texts: [String] = []
        for _ in 0..<3 { texts.append(generator.next()) }
        clock.set(1_700_000_000_000)
        texts.append(generator.next())
        clock.set(-5)
        texts.append(generator.next())
        let numbers = try texts.map(number)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 })
        clock.set(1_800_000_000_001)
        texts.append(generator.next())
        #expect(texts == texts.sorted())
        #expect(try number(texts[5]) >> 80 == number(texts[0]) >> 80 + 1)
    }

    @Test func `is random even in the first millisecond`() {
        let texts = (0..<50).map { _ in ULIDGenerator(now: { Date(timeIntervalSince1970: 0) }).next() }
        #expect(Set(texts).count == texts.count)
    }

    @Test func `is another one for each of many tasks`() async {
        let generator = ULIDGenerator()
        let texts = await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { (0..<50).map { _ in generator.next() } } }
            return await group.reduce(into: Set<String>()) { $0.formUnion($1) }
        }
        #expect(texts.count == 400)
    }
}
