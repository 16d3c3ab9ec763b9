import KargoCore
import Testing

@Suite("matches and groups of regular expressions")
struct RegularExpressionGroupTests {
    /// The groups as `start-end` in scalars, with `-` for one that the match doesn't go through.
    private func places(_ pattern: String, in text: String) throws -> String? {
        let scalars = text.unicodeScalars
        return try RegularExpression(pattern).firstMatch(in: text)
            .map { match in
                match.groups
                    .map { range in
                        guard let range else { return "-" }
                        let start = scalars.distance(from: scalars.startIndex, to: range.lowerBound)
                        return "\(start)-\(start + scalars[range].count)"
                    }
                    .joined(separator: " ")
            }
    }

    @Test(arguments: [
        ("a+", "baaab", "1-4"),
        ("a*", "baaab", "0-0"),
        ("a|ab", "ab", "0-1"),
        ("ab|a", "ab", "0-2"),
        ("a|b|ab", "xab", "1-2"),
        ("|a", "a", "0-0"),
        ("a|", "a", "0-1"),
        ("a|", "ba", "0-0"),
        ("b|a+", "aab", "0-2"),
        ("$", "abc", "3-3"),
        (#"\b"#, " ab", "1-1"),
        ("(?m)$", "ab\ncd", "2-2"),
        ("(?m)^c.*$", "ab\ncd\nef", "3-5"),
        ("", "日本", "0-0"),
        ("本", "日本", "1-2"),
        (".", "😀", "0-1"),
    ])
    func `finds the leftmost match`(_ example: (pattern: String, text: String, places: String)) throws {
        #expect(try places(example.pattern, in: example.text) == example.places)
    }

    @Test(arguments: [
        ("a+?", "aaa", "0-1"),
        ("a*?", "aaa", "0-0"),
        ("a??", "a", "0-0"),
        ("a??b", "ab", "0-2"),
        ("a{2,3}?", "aaa", "0-2"),
        ("a{2,}?", "aaaa", "0-2"),
        ("a{2}?", "aaaa", "0-2"),
        ("<.+?>", "<a><b>", "0-3"),
        ("<.+>", "<a><b>", "0-6"),
        ("(?U)<.+>", "<a><b>", "0-3"),
        ("(?U)<.+?>", "<a><b>", "0-6"),
        ("(?U:a+)(a*)", "aaa", "0-3 1-3"),
        ("(?U)a+(?-U)a+", "aaa", "0-3"),
        ("a+?$", "aaa", "0-3"),
        ("(a+?)(a*)", "aaa", "0-3 0-1 1-3"),
    ])
    func `prefers few repetitions when told`(_ example: (pattern: String, text: String, places: String)) throws {
        #expect(try places(example.pattern, in: example.text) == example.places)
    }

    @Test(arguments: [
        ("(a)(b)?", "ac", "0-1 0-1 -"),
        ("(a)|(b)", "b", "0-1 - 0-1"),
        ("(a(b(c)))", "abc", "0-3 0-3 1-3 2-3"),
        ("(a|b)*", "abba", "0-4 3-4"),
        ("(a*)*", "aa", "0-2 0-2"),
        ("(a*)*", "b", "0-0 0-0"),
        ("(a*)+", "b", "0-0 0-0"),
        ("(|a)*", "aa", "0-0 0-0"),
        ("(|a)+", "aa", "0-0 0-0"),
        ("(a|)+", "aa", "0-2 1-2"),
        ("(?:(a)|b)*", "ab", "0-2 0-1"),
        ("(?:(a)|(b))*", "ab", "0-2 0-1 1-2"),
        ("(a){0}b", "b", "0-1 -"),
        ("(a){2}", "aa", "0-2 1-2"),
        ("(a+)(a+)", "aaaa", "0-4 0-3 3-4"),
        ("(a|ab)(c|bcd)(d*)", "abcd", "0-4 0-1 1-4 4-4"),
        ("()(a)?$", "b", "1-1 1-1 -"),
        ("(aa)*$", "a", "1-1 -"),
        ("(.)(.)", "日a", "0-2 0-1 1-2"),
        ("a*(|(b))c*", "aacc", "0-4 2-2 -"),
        (#"(\w+)\s(\w+)"#, "  John Smith", "2-12 2-6 7-12"),
        ("(?i)(K)(s)", "\u{212A}ſ", "0-2 0-1 1-2"),
    ])
    func `tells where the groups are`(_ example: (pattern: String, text: String, places: String)) throws {
        #expect(try places(example.pattern, in: example.text) == example.places)
    }

    @Test(arguments: [("a", "b"), ("^b", "ab"), ("a$", "ab"), ("(a)(b)", "ba"), ("a", ""), ("^a", "ba")])
    func `finds nothing where nothing is`(_ example: (pattern: String, text: String)) throws {
        #expect(try places(example.pattern, in: example.text) == nil)
    }

    @Test func `gives groups by number and by name`() throws {
        let expression = try RegularExpression(#"(?P<major>\d+)\.(?<minor>\d+)(?:-(?P<pre_1>\w+))?"#)
        let match = try #require(expression.firstMatch(in: "version 12.34"))
        #expect(match[0] == "12.34")
        #expect(match[1] == "12")
        #expect(match["major"] == "12")
        #expect(match["minor"] == "34")
        #expect(match["pre_1"] == nil)
        #expect(match["patch"] == nil)
        #expect(match[3] == nil)
        #expect(match[4] == nil)
        #expect(match[-1] == nil)
        #expect(match.text[match.range] == "12.34")
    }

    @Test func `gives the first of two groups with one name`() throws {
        let match = try #require(RegularExpression("(?P<x>a)(?P<x>b)").firstMatch(in: "ab"))
        #expect(match["x"] == "a")
    }
}
