import KargoCore
import Testing

@Suite("Token")
struct TokenTests {
    /// Counts, so that a test knows what comes.
    private struct Counter: RandomNumberGenerator {
        private var value: UInt64 = 0

        mutating func next() -> UInt64 {
            value += 1
            return value
        }
    }

    // Test vectors of RFC 4648, section 10, and both characters in which base64url differs.
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("\u{3FF}\u{3BF}", "z7_Ovw"), ("~~~", "fn5-"),
    ])
    func `is in base64url without padding`(_ text: String, _ expected: String) {
        #expect(Token.base64URL(Array(text.utf8)) == expected)
        #expect(Token.bytes(base64URL: expected) == Array(text.utf8))
    }

    @Test(arguments: ["Zg==", "Zg=", "z7/Ovw", "fn5+", "Z", "Zm9v\n", "Zm 9v", "\u{1F600}", "fn5~"])
    func `is nothing else`(_ text: String) {
        #expect(Token.bytes(base64URL: text) == nil)
    }

    @Test func `has 43 characters that need no escape`() {
        let token = Token.random()
        #expect(token.utf8.count == 43)
        #expect(
            token.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains($0))
            }
        )
    }

    @Test func `takes all of its randomness from the generator`() {
        var first = Counter()
        var second = Counter()
        let token = Token.random(using: &first)
        #expect(token == Token.random(using: &second))
        #expect(token != Token.random(using: &second))
    }

    @Test func `is never the same`() {
        #expect(Set((0..<100).map { _ in Token.random() }).count == 100)
    }
}
