import Testing

@testable import KargoCommands

@Suite("Text on a terminal")
struct TerminalTextTests {
    @Test(arguments: [("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("🚢", 2), ("👨‍👩‍👧", 2), ("✓", 1)])
    func `counts columns`(text: String, columns: Int) {
        #expect(text.columns == columns)
    }

    @Test(arguments: [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢", 4, "漢…"), ("ab", 1, "…"), ("ab", 0, "")])
    func `cuts text to a width`(text: String, width: Int, expected: String) {
        #expect(text.truncated(to: width) == expected)
    }

    @Test func `takes commands out of what others wrote`() {
        #expect("a\u{1B}[31mb\tc\nd\r\u{202E}e\u{0}".printable == "a\u{FFFD}[31mb c d \u{FFFD}e\u{FFFD}")
        #expect("Grüße 漢字 🚢".printable == "Grüße 漢字 🚢")
    }

    @Test func `keeps columns as wide as they have been`() {
        var columns = TextColumns()
        #expect(columns.lines([["a", "bb", "c"], ["long", "b", ""]]) == ["a      bb   c", "long   b"])
        #expect(columns.lines([["漢", "x", "y"], [], ["", "", ""]]) == ["漢     x    y", "", ""])
    }
}
