import Testing

@testable import KubernetesClient

@Suite("Line framer")
struct LineFramerTests {
    private func lines(_ pieces: [String]) throws -> [String] {
        var framer = LineFramer()
        return try pieces.flatMap { try framer.feed(Array($0.utf8)) }.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        arguments: [
            (["a\nb\n"], ["a", "b"]),
            (["a", "b", "c\nd"], ["abc"]),
            (["a\n", "\n", "b\n"], ["a", "", "b"]),
            (["", "a", "", "\n"], ["a"]),
            (["\n\n"], ["", ""]),
            (["\r\n", "é\n"], ["\r", "é"]),
            ([], []),
        ] as [([String], [String])]
    )
    func `cuts pieces into lines wherever the pieces end`(pieces: [String], expected: [String]) throws {
        #expect(try lines(pieces) == expected)
    }

    @Test func `takes a line of many pieces`() throws {
        let pieces = Array(repeating: String(repeating: "x", count: 10_000), count: 100)
        #expect(try lines(pieces + ["\n"]).map(\.count) == [1_000_000])
    }

    @Test func `refuses a line without end`() throws {
        var framer = LineFramer()
        let piece = [UInt8](repeating: 0x78, count: LineFramer.maximumLength / 2)
        _ = try framer.feed(piece)
        _ = try framer.feed(piece)
        #expect(framer.hasPartialLine)
        #expect(throws: LineFramer.LineTooLong.self) { try framer.feed([0x78]) }
    }

    @Test func `gives the end of a line away that will not come`() throws {
        var framer = LineFramer()
        _ = try framer.feed(Array("a\nb".utf8))
        #expect(framer.finish() == Array("b".utf8))
        #expect(framer.finish() == nil)
    }
}
