import KargoCore
import Testing

@Suite("regular expressions as values")
struct RegularExpressionTests {
    @Test func `is its pattern`() throws {
        let expression = try RegularExpression("a|b")
        #expect(expression.pattern == "a|b")
        #expect("\(expression)" == "a|b")
        #expect(try expression == RegularExpression("a|b"))
        #expect(try expression != RegularExpression("b|a"))
        #expect(try Set([expression, RegularExpression("a|b"), RegularExpression("c")]).count == 2)
    }

    @Test func `tells patterns apart that differ in scalars only`() throws {
        #expect(try RegularExpression("\u{E9}") != RegularExpression("e\u{301}"))
    }

    @Test func `may be used by many tasks at once`() async throws {
        let expression = try RegularExpression(#"(?:ab|cd)+\d{3}$"#)
        let texts = (90..<110)
            .map { (text: String(repeating: "abcd", count: $0 % 10 + 1) + "\($0)", expected: $0 >= 100) }
        await withTaskGroup { group in
            for _ in 0..<16 {
                group.addTask {
                    texts.allSatisfy {
                        expression.matches($0.text) == $0.expected
                            && (expression.firstMatch(in: $0.text) != nil) == $0.expected
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    private static let pieces = [
        "a", "b*", "^", "$", #"\b"#, "(a|b)", "(|a)+", "[^a]??", "(?i:B)", "(?m:$)", "(?m:^)", ".",
    ]

    /// All patterns of three pieces with both engines, over all texts of up to two letters and every fourth of three,
    /// in turn, so that each of them meets all pairs of pieces.
    @Test(arguments: pieces)
    func `finds a match exactly where one is`(_ first: String) throws {
        let letters: [Character] = ["a", "b", "\n", "-"]
        var texts = [""]
        for length in 0..<3 {
            texts += texts.filter { $0.count == length }.flatMap { text in letters.map { text + String($0) } }
        }
        let layer = try #require(Self.pieces.firstIndex(of: first))
        for (row, second) in Self.pieces.enumerated() {
            for (column, third) in Self.pieces.enumerated() {
                let turn = layer + row + column
                let texts = texts.enumerated().filter { $0.offset < 21 || ($0.offset + turn) % 4 == 0 }.map(\.element)
                let expression = try RegularExpression(first + second + third)
                let wrong = texts.first { expression.matches($0) != (expression.firstMatch(in: $0) != nil) }
                #expect(wrong == nil, "\(expression)")
            }
        }
    }
}
