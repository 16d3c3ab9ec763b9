import Testing

@testable import KargoCommands

@Suite("Lines of expressions")
struct InputLinesTests {
    private func lines(_ pieces: [[UInt8]]) -> [InputLines.Line] {
        var framer = InputLines()
        let lines = pieces.flatMap { framer.feed($0) }
        return lines + (framer.finish().map { [$0] } ?? [])
    }

    @Test(
        arguments: [
            ("", []), ("1\n", ["1"]), ("1", ["1"]), ("1\n2", ["1", "2"]), ("\n\n1\n", ["", "", "1"]),
            ("1\r\n2\r\n\r\n3\r", ["1", "2", "", "3"]), ("1\r\r\na\rb\n", ["1\r", "a\rb"]), ("\"ä🚢\"\n", ["\"ä🚢\""]),
        ] as [(String, [String])]
    )
    func `end with a line feed, a carriage return before it, or the input`(text: String, expected: [String]) {
        #expect(lines([Array(text.utf8)]) == expected.map { .text($0) })
        #expect(lines(text.utf8.map { [$0] }) == expected.map { .text($0) })
    }

    @Test func `that are no text spoil no other line`() {
        #expect(lines([[0x31, 0x0A, 0xFF, 0x0A, 0x32]]) == [.text("1"), .notUTF8, .text("2")])
    }

    @Test func `that are too long are thrown away as they come`() {
        let longest = [UInt8](repeating: 0x31, count: InputLines.maximumLength)
        #expect(lines([longest, [0x0D, 0x0A]]) == [.text(String(decoding: longest, as: UTF8.self))])
        #expect(lines([longest, [0x31, 0x0A, 0x32, 0x0A]]) == [.tooLong, .text("2")])
        #expect(lines([longest, longest, longest]) == [.tooLong])
    }
}
