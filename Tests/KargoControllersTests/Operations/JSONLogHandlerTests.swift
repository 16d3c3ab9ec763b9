import KargoCore
import KargoTestSupport
import Logging
import Synchronization
import Testing

@testable import KargoControllers

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Log as JSON")
struct JSONLogHandlerTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[[UInt8]]>([])
        var all: [[UInt8]] { lines.withLock { $0 } }
        func add(_ line: [UInt8]) { lines.withLock { $0.append(line) } }
    }

    @Test func `is a line of its own for each entry, whatever is in it`() throws {
        let lines = Lines()
        var logger = Logger(label: "kargo") { label in
            JSONLogHandler(label: label, now: { Date(timeIntervalSince1970: 1) }, write: lines.add)
        }
        logger[metadataKey: "stage"] = "test"
        logger.debug("not this")
        logger.warning("a \"b\"\nc", metadata: ["step": "é", "stage": "other"])
        logger.info("bare")
        let texts = lines.all.map { String(decoding: $0, as: UTF8.self) }
        #expect(texts.map { $0.count { $0 == "\n" } } == [1, 1])
        let entries = try texts.map { try JSONValue(parsing: $0) }
        #expect(
            entries.first == [
                "time": "1970-01-01T00:00:01.000000Z", "level": "warning", "logger": "kargo", "msg": "a \"b\"\nc",
                "fields": ["step": "é", "stage": "other"],
            ]
        )
        #expect(entries.last?["fields"] == ["stage": "test"])
    }
}
