import KargoCore
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct LogEncodingTests {
    private let time = KubernetesMicroTime(Date(timeIntervalSince1970: 1_136_214_245.123456))
    private let stamp = "2006-01-02T15:04:05.123456000Z"

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `writes a line for each line, when it is complete`() {
        var encoder = LogLineEncoder(stream: .standardOutput)
        #expect(text(encoder.feed(Array("one\ntw".utf8), at: time)) == "\(stamp) stdout F one\n")
        #expect(text(encoder.feed(Array("o\n\n".utf8), at: time)) == "\(stamp) stdout F two\n\(stamp) stdout F \n")
        #expect(encoder.finish(at: time) == [])
    }

    @Test func `writes what has no end when nothing more comes`() {
        var encoder = LogLineEncoder(stream: .standardError)
        #expect(encoder.feed(Array("half".utf8), at: time) == [])
        #expect(text(encoder.finish(at: time)) == "\(stamp) stderr F half\n")
        #expect(encoder.finish(at: time) == [])
    }

    @Test(arguments: [1, 1000, 100_000])
    func `splits a long line into pieces, however it comes`(pieceSize: Int) {
        var encoder = LogLineEncoder(stream: .standardOutput)
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 2 * LogLineEncoder.longestPiece + 5)
        var rest = (line + [UInt8(ascii: "\n")])[...]
        var output: [UInt8] = []
        while !rest.isEmpty {
            output += encoder.feed(Array(rest.prefix(pieceSize)), at: time)
            rest = rest.dropFirst(pieceSize)
        }
        let lines = output.split(separator: UInt8(ascii: "\n")).compactMap { LogLine(Array($0)) }
        #expect(lines.map(\.isWhole) == [false, false, true])
        #expect(lines.map(\.text.count) == [LogLineEncoder.longestPiece, LogLineEncoder.longestPiece, 5])
        #expect(lines.flatMap(\.text) == line)
    }

    @Test func `keeps the last lines and bytes`() {
        var tail = LogTail()
        tail.feed(Array("first\nsecond\n".utf8))
        #expect(tail.text == "first\nsecond\n")
        for number in 0..<100 { tail.feed(Array("\(number)\n".utf8)) }
        #expect(tail.text.hasPrefix("20\n21\n"))
        #expect(tail.text.hasSuffix("98\n99\n"))
        tail.feed([UInt8](repeating: UInt8(ascii: "y"), count: 5000))
        #expect(tail.text == String(repeating: "y", count: 2048))
    }

    @Test func `does not begin in the middle of a character`() {
        var tail = LogTail()
        tail.feed(Array(("é" + String(repeating: "a", count: 2047)).utf8))
        #expect(tail.text == String(repeating: "a", count: 2047))
    }
}
