import KargoCore
import Testing

@Suite("matching of regular expressions")
struct RegularExpressionMatchingTests {
    struct Example: Sendable, CustomTestStringConvertible {
        var pattern: String
        var matching: [String]
        var others: [String]

        var testDescription: String { pattern }

        init(_ pattern: String, matching: [String] = [], others: [String] = []) {
            self.pattern = pattern
            self.matching = matching
            self.others = others
        }
    }

    private func check(_ example: Example) throws {
        let expression = try RegularExpression(example.pattern)
        for text in example.matching {
            #expect(expression.matches(text), "\(example.pattern) should match \(text.debugDescription)")
            #expect(expression.firstMatch(in: text) != nil)
        }
        for text in example.others {
            #expect(!expression.matches(text), "\(example.pattern) should not match \(text.debugDescription)")
            #expect(expression.firstMatch(in: text) == nil)
        }
    }

    @Test(arguments: [
        Example("", matching: ["", "abc"]),
        Example("main", matching: ["main", "refs/heads/main", "maintenance"], others: ["", "mai", "Main"]),
        Example(#"v1\.2"#, matching: ["v1.2", "v1.2.3"], others: ["v1x2"]),
        Example("a.c", matching: ["abc", "a.c", "xa c"], others: ["ac", "a\nc"]),
        Example("]", matching: ["]"], others: ["["]),
        Example("}", matching: ["}"]),
        Example("-", matching: ["a-b"]),
        Example(#"\\"#, matching: [#"\"#], others: ["/"]),
        Example(#"\*\+\?\(\)\[\]\{\}\^\$\|\_\/\"\'"#, matching: [#"*+?()[]{}^$|_/"'"#]),
        Example(#"a\Q.*\E+"#, matching: ["a.*", "a.***"], others: ["abc", "a."]),
        Example(#"\Qa|b"#, matching: ["a|b"], others: ["a"]),
        Example(#"\Q\\E"#, matching: [#"\"#], others: ["E"]),
        Example(#"a\Q\E*b"#, matching: ["aab", "b"]),
    ])
    func `finds literal text anywhere`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example(#"^\a\f\t\n\r\v$"#, matching: ["\u{7}\u{C}\t\n\r\u{B}"]),
        Example(#"^\x41\x{42}\x{1F600}\103\0$"#, matching: ["AB\u{1F600}C\0"]),
        Example(#"^\0101$"#, matching: ["\u{8}1"], others: ["A"]),
        Example(#"^\1011$"#, matching: ["A1"]),
        Example(#"^\128$"#, matching: ["\n8"]),
        Example(#"^\x{000000000041}$"#, matching: ["A"]),
        Example(#"\x{D800}"#, others: ["", "a", "\u{FFFD}"]),
    ])
    func `reads escaped code points`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example("^[abc]$", matching: ["a", "b", "c"], others: ["d", "", "ab"]),
        Example("^[^abc]$", matching: ["d", "\n", "é"], others: ["a", ""]),
        Example("^[a-cx-z]$", matching: ["b", "y"], others: ["d", "-"]),
        Example("^[]a]$", matching: ["]", "a"], others: ["b"]),
        Example("^[^]a]$", matching: ["b"], others: ["]", "a"]),
        Example("^[a-]$", matching: ["a", "-"], others: ["b"]),
        Example("^[-a]$", matching: ["a", "-"], others: ["b"]),
        Example("^[a-c-e]$", matching: ["b", "-", "e"], others: ["d"]),
        Example("^[[]$", matching: ["["], others: ["a"]),
        Example("^[[:]$", matching: ["[", ":"], others: ["a"]),
        Example("^[[:a]$", matching: ["[", ":", "a"], others: ["b"]),
        Example(#"^[\]\-\\^]$"#, matching: ["]", "-", #"\"#, "^"], others: ["a"]),
        Example(#"^[\n\x41-\x43\060]$"#, matching: ["\n", "B", "0"], others: ["n", "D"]),
        Example("^[.*$]$", matching: [".", "*", "$"], others: ["a"]),
        Example(#"[^\x00-\x{10FFFF}]"#, others: ["", "a", "\u{10FFFF}"]),
        Example(#"^(a|[^\x00-\x{10FFFF}])$"#, matching: ["a"], others: ["b"]),
        Example("^[é-í日]$", matching: ["ê", "日"], others: ["e", "月"]),
    ])
    func `reads classes in brackets`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example(#"^\d+$"#, matching: ["0123456789"], others: ["a", "٣"]),
        Example(#"^\D$"#, matching: ["a", "٣", "\n"], others: ["7"]),
        Example(#"^\w+$"#, matching: ["azAZ09_"], others: ["-", "é"]),
        Example(#"^\W$"#, matching: ["-", "é"], others: ["a", "_"]),
        Example(#"^\s+$"#, matching: [" \t\n\r\u{C}"], others: ["\u{B}", "\u{A0}"]),
        Example(#"^\S$"#, matching: ["a", "\u{B}"], others: [" "]),
        Example(#"^[\d\-a]+$"#, matching: ["1-a"], others: ["b"]),
        Example(#"^[^\w\s]$"#, matching: ["!", "é"], others: ["a", " "]),
        Example(#"[^\D\d]"#, others: ["a", "1"]),
        Example("^[[:alnum:]]+$", matching: ["aZ9"], others: ["_"]),
        Example("^[[:alpha:]]+$", matching: ["aZ"], others: ["9"]),
        Example("^[[:ascii:]]+$", matching: ["\0\u{7F}"], others: ["é"]),
        Example("^[[:blank:]]+$", matching: [" \t"], others: ["\n"]),
        Example("^[[:cntrl:]]+$", matching: ["\0\u{1F}\u{7F}"], others: [" "]),
        Example("^[[:digit:]]+$", matching: ["09"], others: ["a"]),
        Example("^[[:graph:]]+$", matching: ["!~"], others: [" "]),
        Example("^[[:lower:]]+$", matching: ["az"], others: ["A"]),
        Example("^[[:print:]]+$", matching: [" ~"], others: ["\n"]),
        Example("^[[:punct:]]+$", matching: ["!/:@[`{~"], others: ["a"]),
        Example("^[[:space:]]+$", matching: [" \t\n\u{B}\u{C}\r"], others: ["a"]),
        Example("^[[:upper:]]+$", matching: ["AZ"], others: ["a"]),
        Example("^[[:word:]]+$", matching: ["aZ9_"], others: ["-"]),
        Example("^[[:xdigit:]]+$", matching: ["09afAF"], others: ["g"]),
        Example("^[[:^digit:][:punct:]]+$", matching: ["a!"], others: ["1"]),
        Example("^[[:^digit:]5]+$", matching: ["a5"], others: ["1"]),
        Example("^[^[:^digit:]]+$", matching: ["123"], others: ["a"]),
    ])
    func `knows the named classes`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example("^ab", matching: ["ab", "abc"], others: ["cab", "c\nab"]),
        Example("ab$", matching: ["ab", "cab"], others: ["abc", "ab\n", "ab\nc"]),
        Example("^ab$", matching: ["ab"], others: ["", "a", "abc", "ab\n"]),
        Example("^$", matching: [""], others: ["a", "\n"]),
        Example("^", matching: ["", "a"]),
        Example("$^", matching: [""], others: ["a"]),
        Example("a^b", others: ["ab", "a\nb"]),
        Example("^^a$$", matching: ["a"], others: ["ba"]),
        Example("(?m)^ab$", matching: ["ab", "c\nab", "ab\nc", "c\nab\n"], others: ["cab", "abc"]),
        Example("(?m)^$", matching: ["", "\n", "a\n", "\na", "a\n\nb"], others: ["a", "a\nb"]),
        Example(#"(?m)\Aab\z"#, matching: ["ab"], others: ["c\nab", "ab\nc"]),
        Example("(^a|b)c", matching: ["ac", "xbc"], others: ["xac"]),
        Example("(^a|^b)c", matching: ["ac", "bc"], others: ["xbc"]),
        Example("(?:^a)+c", matching: ["ac"], others: ["xac", "aac"]),
        Example("(?:^a)*c", matching: ["ac", "xc"], others: ["a"]),
        Example("^*a", matching: ["a", "ba"]),
    ])
    func `keeps to anchors`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example(#"\bcat\b"#, matching: ["cat", "a cat.", "-cat-"], others: ["cats", "concat", "_cat", "cat1"]),
        Example(#"\Bcat\B"#, matching: ["concats"], others: ["cat", "cats", "concat"]),
        Example(#"\b"#, matching: ["a", " a "], others: ["", " ", "é"]),
        Example(#"\B"#, matching: ["", "ab", " ", "é"], others: ["a", "a b"]),
        Example(#"é\b"#, matching: ["éa"], others: ["é", "é "]),
        Example(#"(?i)ſ\b"#, matching: ["s", "ſa"], others: ["ſ"]),
        Example(#"a\b\B"#, others: ["a", "ab", "a "]),
    ])
    func `knows words of ASCII`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example("^(?i)main$", matching: ["main", "MAIN", "mAiN"], others: ["maine"]),
        Example("^(?i:ma)in$", matching: ["MAin"], others: ["MAIN"]),
        Example("^((?i)a)b$", matching: ["Ab", "ab"], others: ["AB"]),
        Example("^(?i)a(?-i)b$", matching: ["Ab"], others: ["AB"]),
        Example("^(?i)a(?-i:b)c$", matching: ["AbC"], others: ["ABC"]),
        Example("^a(?i)b|c$", matching: ["aB", "C"], others: ["A"]),
        Example("^(?s)a.b$", matching: ["a\nb"]),
        Example("^(?s:.)(?-s:.)$", matching: ["\na"], others: ["a\n"]),
        Example("^(?is)A.B$", matching: ["a\nb"]),
        Example("(?i-s)^A.B$", matching: ["aXb"], others: ["a\nb"]),
        Example("(?ms)^a.b$", matching: ["x\na\nb\nx"]),
        Example("()(?)a", matching: ["a"]),
        Example("(?i)[a-c]", matching: ["B"], others: ["D"]),
        Example("(?i)[^a-c]", matching: ["D"], others: ["B", "b"]),
        Example("(?i)[[:upper:]]", matching: ["a", "ſ"], others: ["1"]),
        Example(#"(?i)\Qab\E"#, matching: ["AB"]),
    ])
    func `obeys flags`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example("^a*$", matching: ["", "a", "aaa"], others: ["b"]),
        Example("^a+$", matching: ["a", "aaa"], others: [""]),
        Example("^a?$", matching: ["", "a"], others: ["aa"]),
        Example("^a{2}$", matching: ["aa"], others: ["a", "aaa"]),
        Example("^a{2,}$", matching: ["aa", "aaaaa"], others: ["a"]),
        Example("^a{0,}$", matching: ["", "aa"], others: ["b"]),
        Example("^a{2,3}$", matching: ["aa", "aaa"], others: ["a", "aaaa"]),
        Example("^a{0,2}$", matching: ["", "aa"], others: ["aaa"]),
        Example("^a{0}$", matching: [""], others: ["a"]),
        Example("^(ab){0,0}c$", matching: ["c"], others: ["abc"]),
        Example("^(ab|c){2}$", matching: ["abc", "cc", "abab"], others: ["ab"]),
        Example("^a{,2}$", matching: ["a{,2}"], others: ["a", ""]),
        Example("^a{$", matching: ["a{"]),
        Example("^a{1$", matching: ["a{1"]),
        Example("^a{1,$", matching: ["a{1,"]),
        Example("^a{01}$", matching: ["a{01}"], others: ["a"]),
        Example("^a{1,02}$", matching: ["a{1,02}"], others: ["a"]),
        Example("^a{x}$", matching: ["a{x}"]),
        Example("^{1", matching: ["{1"]),
        Example("^a{1001$", matching: ["a{1001"]),
        Example("^(?:a{10}){100}$", matching: [String(repeating: "a", count: 1000)], others: ["a"]),
        Example("^(?:(?:a*)*)*$", matching: ["", "aa"], others: ["b"]),
        Example("^(?:a|b*)+$", matching: ["", "abba"], others: ["c"]),
        Example("^(|a)+$", matching: ["", "aa"], others: ["b"]),
        Example("^(a|)*b$", matching: ["b", "aab"], others: ["a"]),
        Example(#"^(?:\b)*a"#, matching: ["a"]),
        Example("^(?:)*a(?:)+(?:){5}$", matching: ["a"], others: ["aa"]),
    ])
    func `repeats as often as told`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example("^(?:dev|staging|prod)$", matching: ["dev", "prod"], others: ["de", "devprod"]),
        Example("^a|b$", matching: ["ax", "xb"], others: ["xax", "bx"]),
        Example("^(?:a|)$", matching: ["a", ""], others: ["b"]),
        Example("^(?:|a)$", matching: ["a", ""], others: ["b"]),
        Example("^(?:|||a|||b|)$", matching: ["", "a", "b"], others: ["ab", "|"]),
        Example("|", matching: ["", "a"]),
        Example("()", matching: ["", "a"]),
        Example("^(?:(?:(?:a)))$", matching: ["a"], others: ["aa"]),
    ])
    func `takes any of the alternatives`(_ example: Example) throws { try check(example) }

    @Test(arguments: [
        Example(
            #"^v?(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?$"#,
            matching: ["1.2.3", "v1.2.3-rc.1"],
            others: ["1.2", "v1.2.3-", "1.2.3\n"]
        ),
        Example(
            "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
            matching: ["kargo-demo", "a.b-c.d"],
            others: ["", "-a", "a.", "A", "a..b"]
        ),
        Example(#"(?:\d+(ns|us|µs|ms|s|m|h))+"#, matching: ["1h30m", "5µs", "x10s"], others: ["10", "h"]),
        Example(
            #"^https://github\.com/[^/]+/.*\.git$"#,
            matching: ["https://github.com/a/b.git"],
            others: ["https://githubxcom/a/b.git"]
        ),
        Example(
            #"(?m)^\s*! \[(?:remote )?rejected\].*\((?:non-fast-forward|fetch first)\)\s*$"#,
            matching: ["To origin\n ! [rejected] main -> main (fetch first)\nerror: failed"],
            others: ["! [rejected] main (stale)"]
        ),
    ])
    func `matches what people write`(_ example: Example) throws { try check(example) }

    @Test func `searches substrings within their own bounds`() throws {
        let text = "xfoox"
        let middle = text.dropFirst().dropLast()
        #expect(try RegularExpression("^foo$").matches(middle))
        #expect(try RegularExpression(#"\bfoo\b"#).matches(middle))
        #expect(try !RegularExpression("x").matches(middle))
    }

    @Test func `tells scalars apart that are one character`() throws {
        let decomposed = "e\u{301}"
        #expect(try !RegularExpression("^é$").matches(decomposed))
        #expect(try !RegularExpression("^.$").matches(decomposed))
        #expect(try RegularExpression("^e\u{301}$").matches(decomposed))
        #expect(try RegularExpression("^e.$").matches(decomposed))
        #expect(try RegularExpression("^a\r\n$").matches("a\r\n"))
        #expect(try RegularExpression("(?m)^b").matches("a\r\nb"))
        #expect(try RegularExpression("^..$").matches("🇩🇪"))
    }
}
