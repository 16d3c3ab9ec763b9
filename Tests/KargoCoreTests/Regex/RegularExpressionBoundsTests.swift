import KargoCore
import Testing

@Suite("bounds of regular expressions", .timeLimit(.minutes(1)))
struct RegularExpressionBoundsTests {
    /// A pattern too long to show.
    struct Example: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var pattern: String
        var code: RegularExpressionError.Code?

        init(_ description: String, _ pattern: String, _ code: RegularExpressionError.Code? = nil) {
            testDescription = description
            self.pattern = pattern
            self.code = code
        }
    }

    private static let manyAs = String(repeating: "a", count: 100_000)

    @Test(arguments: [
        ("(a*)*$", true), ("^(a+)+$", true), ("^(a+)+b$", false), ("(x+x+)+y", false), ("^(a|aa)+$", true),
        ("^(a|a|a)*b", false), ("(a*)*(a*)*(a*)*b", false), ("^(?:a?){500}a{500}", true),
        ("(.*)(.*)(.*)(.*)[^a]", false),
        ("a{1,500}b", false), ("(?:(?:a|b)*)*c", false), (#"(?:\b|a)+b"#, false), ("(?i)(A+)+$", true),
    ])
    func `matches a long text in linear time`(_ example: (pattern: String, expected: Bool)) throws {
        #expect(try RegularExpression(example.pattern).matches(Self.manyAs) == example.expected)
    }

    @Test(arguments: ["(a*)*$", "^(a+)+$", "^(a|aa)+$", "(a+?)+?$"])
    func `finds groups in a long text in linear time`(_ pattern: String) throws {
        let match = try #require(RegularExpression(pattern).firstMatch(in: String(Self.manyAs.prefix(10_000))))
        #expect(match[0]?.utf8.count == 10_000)
    }

    @Test func `goes on when the states of an automaton are too many to keep`() throws {
        // The automaton has a state for each set of places among the last 16 where an a stood.
        let expression = try RegularExpression("a[ab]{16}c")
        var state: UInt32 = 1
        var text = ""
        for _ in 0..<10_000 {
            state = state &* 1_664_525 &+ 1_013_904_223
            text += state >> 31 == 0 ? "a" : "b"
        }
        #expect(!expression.matches(text))
        #expect(expression.matches(text + "a" + String(repeating: "b", count: 16) + "c"))
        #expect(!expression.matches(text + "b" + String(repeating: "b", count: 16) + "c"))
    }

    @Test func `matches with a program too large for an automaton`() throws {
        let expression = try RegularExpression("^(?:" + String(repeating: "[ab]{1000}", count: 10) + ")$")
        #expect(expression.matches(String(repeating: "ab", count: 5000)))
        #expect(!expression.matches(String(repeating: "ab", count: 4999)))
        #expect(!expression.matches(String(repeating: "ab", count: 5000) + "a"))
    }

    @Test func `matches with many different scalars`() throws {
        let words = (0..<1500).map { han($0) + han($0 + 1500) }
        let expression = try RegularExpression("^(?:" + words.joined(separator: "|") + ")$")
        for word in words.suffix(10) {
            #expect(expression.matches(word))
            #expect(!expression.matches(String(word.reversed())))
        }
    }

    @Test(arguments: [
        Example("too long", String(repeating: "a", count: RegularExpression.maximumPatternLength + 1), .tooLarge),
        Example("too many instructions", String(repeating: "a{1000}", count: 21), .tooLarge),
        Example("too many alternatives", String(repeating: "a|", count: 25_000), .tooLarge),
        Example("too many copies", "((a{0,1000}){0,1000}){0,1000}", .invalidRepetitionCount),
        Example("too many copies of groups", "(" + String(repeating: "(xx?)", count: 1000) + "){1000}", .tooLarge),
        Example("too many groups", String(repeating: "(a)", count: 3000), .tooLarge),
        Example("too many classes", (0..<9000).map { "[^\(han(2 * $0))]" }.joined(), .tooLarge),
        Example("too deep", nest("(", ")", count: 1000), .nestedTooDeeply),
        Example("too deep in loops", nest("(?:", ")*", count: 1000), .nestedTooDeeply),
        Example("far too deep", nest("(", ")", count: 30_000), .nestedTooDeeply),
        Example("open and deep", String(repeating: "(?:", count: 20_000), .missingParenthesis),
        Example("many open classes", "[" + String(repeating: "[:", count: 30_000), .missingBracket),
    ])
    func `refuses a pattern`(_ example: Example) {
        let error = #expect(throws: RegularExpressionError.self) { try RegularExpression(example.pattern) }
        #expect(error?.code == example.code)
    }

    @Test(arguments: [
        Example("long", String(repeating: "a", count: 15_000)),
        Example("many copies", String(repeating: "a{1000}", count: 19)),
        Example("product of counts at the limit", "(?:[a-z]{4}){0,250}"),
        Example("powers of two", "(((((((((a{2}){2}){2}){2}){2}){2}){2}){2}){2})"),
        Example("deep groups", nest("(", ")", count: 500)),
        Example("deep loops", nest("(?:", ")*", count: 999)),
        Example("deep but void", nest("(?:", ")", count: 16_000)),
        Example("many empty alternatives", "(" + String(repeating: "|", count: 60_000) + ")"),
        Example("void copies", "(?:" + String(repeating: "(?:)", count: 15_000) + "a){1000}"),
        Example("many categories", "[" + String(repeating: #"\pL"#, count: 100) + "]"),
        Example("many folded categories", "(?i)" + String(repeating: #"[\pL]"#, count: 1000)),
    ])
    func `accepts a pattern`(_ example: Example) throws {
        let expression = try RegularExpression(example.pattern)
        for text in ["", "b", "aaaa"] {
            #expect(expression.matches(text) == (expression.firstMatch(in: text) != nil))
        }
    }
}

/// A Han character by its number.
private func han(_ number: Int) -> String {
    Unicode.Scalar(UInt32(0x4E00 + number)).map { String($0) } ?? ""
}

/// The letter a in as many pairs of an opening and a closing text.
private func nest(_ opening: String, _ closing: String, count: Int) -> String {
    String(repeating: opening, count: count) + "a" + String(repeating: closing, count: count)
}
