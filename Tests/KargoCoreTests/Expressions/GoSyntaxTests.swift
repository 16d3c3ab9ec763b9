import Testing

@testable import KargoCore

/// What Go's packages read and write, and the language with them.
@Suite struct GoSyntaxTests {
    @Test(arguments: [
        ("1.10", 1.1), ("007", 7), ("+5", 5), ("-0", 0), ("5.", 5), (".5", 0.5), ("1_000", 1000),
        ("1_0.0_1e1_0", 10.01e10),
        ("12345e6", 12_345e6), ("0x1p4", 16), ("0X1.8P1", 3), ("-0x.8p0", -0.5), ("0x_1p0", 1), ("1e-999", 0),
        ("0e1234", 0),
        ("inf", .infinity), ("-Infinity", -.infinity), ("+INF", .infinity),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("0x1.fffffffffffffp1023", .greatestFiniteMagnitude),
    ])
    func `reads numbers`(_ text: String, _ expected: Double) {
        #expect(GoNumber.parse(text) == expected)
    }

    @Test(arguments: [
        "", " 5", "5 ", "0x10", "1e999", "-1e999", "0x1p9999", "_1", "1_", "1__0", "1_.0", "1._0", "1e_5", "1_e5", "e5",
        ".",
        "+", "--1", "1e", "1e+", "0x", "0xp1", "0x1p", "1.2.3", "infin", "infinityx", "+nan", "1f", "0b1", "1,0", "١",
    ])
    func `refuses what is no number`(_ text: String) {
        #expect(GoNumber.parse(text) == nil)
    }

    @Test func `reads not-a-number`() {
        #expect(GoNumber.parse("NaN")?.isNaN == true)
    }

    @Test func `reads Booleans`() {
        #expect(["1", "t", "T", "TRUE", "true", "True"].allSatisfy { GoNumber.parseBool($0) == true })
        #expect(["0", "f", "F", "FALSE", "false", "False"].allSatisfy { GoNumber.parseBool($0) == false })
        #expect(["tRue", "yes", "", " true", "on"].allSatisfy { GoNumber.parseBool($0) == nil })
    }

    @Test(arguments: [
        ("", #""""#), ("a\"b\\c", #""a\"b\\c""#), ("\u{7}\u{8}\u{C}\n\r\t\u{B}", #""\a\b\f\n\r\t\v""#),
        ("\u{1}\u{1F}\u{7F}", #""\x01\x1f\x7f""#), ("é😀 ~", #""é😀 ~""#),
        ("\u{80}\u{A0}\u{200B}\u{FEFF}", #""\u0080\u00a0\u200b\ufeff""#),
        ("\u{E0001}\u{10FFFF}", #""\U000e0001\U0010ffff""#), ("e\u{301}", "\"e\u{301}\""), ("\u{2028}", #""\u2028""#),
    ])
    func `quotes strings`(_ text: String, _ expected: String) {
        #expect(GoQuote.quote(text) == expected)
    }

    @Test(arguments: ["", "f", "fo", "foo", "foob", "fooba", "foobar", "\u{0}\u{FF}é"])
    func `reads the base64 it writes`(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(GoBase64.decode(GoBase64.encode(bytes)) == bytes)
    }

    @Test(arguments: [("f", "Zg=="), ("fo", "Zm8="), ("foobar", "Zm9vYmFy"), ("\u{3FF}\u{3BF}", "z7/Ovw==")])
    func `writes base64`(_ text: String, _ expected: String) {
        #expect(GoBase64.encode(Array(text.utf8)) == expected)
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "Zm8", "=", "Zg==Zg==", "Z-8=", "Zm 8="])
    func `refuses malformed base64`(_ text: String) {
        #expect(GoBase64.decode(text) == nil)
    }

    @Test(arguments: [
        ("ab", "abab", [0, 2]), ("aa", "aaaaa", [0, 2]), ("aba", "ababa", [0]), ("aab", "aaab", [1]),
        ("abcd", "abc", []),
        ("é", "aéé", [1, 3]),
    ])
    func `finds parts that do not overlap`(_ part: String, _ text: String, _ expected: [Int]) {
        #expect(ByteSearch(part).offsets(in: Array(text.utf8), limit: .max) == expected)
    }

    @Test func `finds the last part, even one that overlaps another`() {
        #expect(ByteSearch("aba").lastOffset(in: Array("ababa".utf8)) == 2)
        #expect(ByteSearch("x").lastOffset(in: Array("ababa".utf8)) == nil)
    }
}
