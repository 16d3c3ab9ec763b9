import KargoCore
import KargoTestSupport
import Testing

@testable import LocalCluster

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct LogReadingTests {
    private let lines = [
        "2026-01-02T03:04:05.000000000Z stdout F one", "2026-01-02T03:04:06.500000000Z stdout P two ",
        "2026-01-02T03:04:07.500000000Z stdout F three", "2026-01-02T03:04:08.000000000Z stderr F ",
    ]
    .compactMap { LogLine(Array($0.utf8)) }

    private func text(
        skipping count: Int = 0,
        now: Date = Date(timeIntervalSince1970: 0),
        _ change: (inout LogOptions) -> Void = { _ in }
    ) -> String {
        var options = LogOptions()
        change(&options)
        var selection = LogSelection(options, now: now)
        selection.skip(count)
        return lines.map { String(decoding: selection.take($0), as: UTF8.self) }.joined()
    }

    @Test func `joins the pieces of a line`() {
        #expect(text() == "one\ntwo three\n\n")
    }

    @Test func `writes the time before each line, and before no further piece of one`() {
        #expect(
            text { $0.timestamps = true } == """
                2026-01-02T03:04:05.000000000Z one
                2026-01-02T03:04:06.500000000Z two three
                2026-01-02T03:04:08.000000000Z \n
                """
        )
    }

    @Test(arguments: [(-3, "one\ntwo three\n\n"), (1, "two three\n\n"), (2, "\n"), (3, ""), (9, "")])
    func `passes over lines`(count: Int, result: String) {
        #expect(text(skipping: count) == result)
    }

    @Test(arguments: [
        ("2026-01-02T03:04:05Z", "one\ntwo three\n\n"), ("2026-01-02T03:04:06Z", "two three\n\n"),
        ("2026-01-02T03:04:07Z", "\n"), ("2027-01-01T00:00:00Z", ""),
    ])
    func `takes lines from a time on, by their beginnings`(time: String, result: String) throws {
        let time = try KubernetesTime(time)
        #expect(text { $0.sinceTime = time } == result)
        #expect(text(now: time.date.addingTimeInterval(60)) { $0.sinceSeconds = 60 } == result)
    }

    @Test(arguments: [(0, ""), (2, "on"), (4, "one\n"), (6, "one\ntw"), (100, "one\ntwo three\n\n")])
    func `stops after so many bytes`(limit: Int, result: String) {
        #expect(text { $0.limitBytes = limit } == result)
    }

    @Test(arguments: ["", "x", "2026 stdout", "a b  c"])
    func `takes nothing else for a line`(line: String) {
        #expect(LogLine(Array(line.utf8)) == nil)
    }

    @Test func `reads across the beginning of a new file`() async throws {
        try await ScopedDirectory.with { directory in
            let path = directory.file("logs")
            let file = try LogFile(directory: path, attempt: 0)
            let line: (String) -> [UInt8] = { Array("2026-01-02T03:04:05.000000000Z stdout F \($0)\n".utf8) }
            try file.append(line("first"))
            let reader = try LogReader(directory: path, attempt: 0)
            #expect(try reader.next()?.map { String(decoding: $0.text, as: UTF8.self) } == ["first"])
            #expect(try reader.next() == nil)
            try file.append(line("second"))
            let long = String(repeating: "x", count: LogFile.largestSize)
            try file.append(line(long))
            try file.append(line("last"))
            #expect(directory.contains("logs/0.log.1"))
            var texts: [Int] = []
            while let lines = try reader.next() { texts += lines.map(\.text.count) }
            #expect(texts == [6, LogFile.largestSize, 4])
            #expect(try LogReader.count(directory: path, attempt: 0) == 4)
        }
    }

    @Test func `keeps five files of a start, and the log of the start before`() async throws {
        try await ScopedDirectory.with { directory in
            let path = directory.file("logs")
            let long = String(repeating: "x", count: LogFile.largestSize)
            for attempt in 0..<3 as Range<Int32> {
                let file = try LogFile(directory: path, attempt: attempt)
                for number in 0..<(attempt == 2 ? 7 : 1) {
                    try file.append(Array("2026-01-02T03:04:05.000000000Z stdout F \(number)\(long)\n".utf8))
                }
            }
            #expect(
                FileSystem.entries(of: path) == ["1.log", "2.log", "2.log.3", "2.log.4", "2.log.5", "2.log.6"]
            )
            let reader = try LogReader(directory: path, attempt: 2)
            var beginnings: [String] = []
            while let lines = try reader.next() {
                beginnings += lines.map { String(decoding: $0.text.prefix(1), as: UTF8.self) }
            }
            #expect(beginnings == ["2", "3", "4", "5", "6"])
        }
    }

    @Test func `waits for a log that is not there yet`() async throws {
        try await ScopedDirectory.with { directory in
            let reader = try LogReader(directory: directory.path, attempt: 3)
            #expect(try reader.next() == nil)
            try directory.write("2026-01-02T03:04:05.000000000Z stdout F x\n", to: "3.log")
            #expect(try reader.next()?.count == 1)
        }
    }
}
