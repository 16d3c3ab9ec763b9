import Testing

@testable import KargoCore

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Time zones, from rules, from files and from the machine.
@Suite struct ZoneTests {
    private static let hasDatabase = FileManager.default.fileExists(atPath: "/usr/share/zoneinfo/Europe/Berlin")

    private func offset(_ zone: PosixZone?, _ time: String) throws -> String? {
        let seconds = try GoTime(time, layout: "2006-01-02 15:04:05").secondsSince1970
        return zone.map { $0.period(at: seconds) }.map { "\($0.abbreviation) \($0.offset) \($0.isDaylightSaving)" }
    }

    @Test(arguments: [
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2100-03-28 00:59:59", "CET 3600 false"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2100-03-28 01:00:00", "CEST 7200 true"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2100-10-31 00:59:59", "CEST 7200 true"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "2100-10-31 01:00:00", "CET 3600 false"),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", "2050-01-01 00:00:00", "NZDT 46800 true"),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", "2050-07-01 00:00:00", "NZST 43200 false"),
        ("EST5EDT", "2050-07-01 00:00:00", "EDT -14400 true"), ("EST5EDT", "2050-01-01 00:00:00", "EST -18000 false"),
        ("<+0330>-3:30", "2050-01-01 00:00:00", "+0330 12600 false"),
        ("AAA0BBB,J60,J300", "2024-03-01 02:00:00", "BBB 3600 true"),
        ("AAA0BBB,60,300/-1:30", "2024-03-01 02:00:00", "BBB 3600 true"),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", "2050-07-01 00:00:00", "IST 3600 false"),
    ])
    func `follows a rule of POSIX`(_ rule: String, _ time: String, _ expected: String) throws {
        #expect(try offset(PosixZone(rule.utf8), time) == expected)
    }

    @Test(arguments: [
        "", "C", "CET", "<+03-3", "CET-1CEST,", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-999", "CET-1CEST,J366,J1", "CET-1CEST,M3.5.0,M10.5.0x", "1",
    ])
    func `refuses a malformed rule`(_ rule: String) {
        #expect(PosixZone(rule.utf8) == nil)
    }

    /// A zone with one transition, to 2 hours ahead on 1 January 1970.
    private static func file(version: Unicode.Scalar, footer: String) -> [UInt8] {
        func block(_ timeSize: Int) -> [UInt8] {
            var bytes = Array("TZif".utf8) + [UInt8(ascii: version)] + Array(repeating: 0, count: 15)
            for count in [0, 0, 0, 1, 2, 8] as [UInt8] { bytes += [0, 0, 0, count] }
            bytes += Array(repeating: 0, count: timeSize) + [1]
            bytes += [0, 0, 0x0E, 0x10, 0, 0] + [0, 0, 0x1C, 0x20, 1, 4]
            return bytes + Array("ONE\0TWO\0".utf8)
        }
        return version == "\0" ? block(4) : block(4) + block(8) + Array("\n\(footer)\n".utf8)
    }

    @Test(arguments: ["\0", "2"] as [Unicode.Scalar])
    func `reads a file`(_ version: Unicode.Scalar) throws {
        let rules = try #require(ZoneFile.rules(of: Self.file(version: version, footer: "")))
        #expect(rules.period(at: -1).abbreviation == "ONE")
        #expect(rules.period(at: 0).offset == 7200)
        #expect(rules.period(at: 0).range.lowerBound == 0)
        #expect(rules.offset(of: "ONE", ofLocal: 0) == 3600)
        #expect(rules.offset(of: "SIX", ofLocal: 0) == nil)
    }

    @Test func `goes on with the rule at the end of a file`() throws {
        let rules = try #require(ZoneFile.rules(of: Self.file(version: "2", footer: "SIX-6")))
        #expect(rules.period(at: -1).offset == 3600)
        #expect(rules.period(at: 1).offset == 21_600)
    }

    @Test func `refuses a file that is cut off or no zone`() {
        let file = Self.file(version: "2", footer: "")
        for count in 0..<file.count - 2 { #expect(ZoneFile.rules(of: Array(file.prefix(count))) == nil) }
        #expect(ZoneFile.rules(of: Array(repeating: 0xFF, count: 200)) == nil)
        var wild = file
        wild[100] = 9
        _ = ZoneFile.rules(of: wild)
    }

    @Test(arguments: [
        "Nowhere/Land", "../../etc/passwd", "/etc/passwd", "Europe\\Berlin", "a\0b", ".", "tzdata.zi", "Europe",
    ])
    func `says that there is no such zone`(_ name: String) {
        let error = #expect(throws: ValueError.self) { try GoLocation.named(name) }
        #expect(error?.message.contains("time zone") == true)
    }

    @Test func `always has UTC`() throws {
        #expect(try GoLocation.named("UTC") == .utc)
        #expect(try GoLocation.named("") == .utc)
        _ = try GoLocation.named("Local")
    }

    @Test(
        .enabled(if: ZoneTests.hasDatabase),
        arguments: [
            ("Europe/Berlin", "2024-07-01 12:00:00", "2024-07-01 12:00:00 +0200 CEST"),
            ("Europe/Berlin", "2024-01-01 12:00:00", "2024-01-01 12:00:00 +0100 CET"),
            ("Europe/Berlin", "2024-03-31 02:30:00", "2024-03-31 03:30:00 +0200 CEST"),
            ("Europe/Berlin", "2024-10-27 02:30:00", "2024-10-27 02:30:00 +0100 CET"),
            ("Europe/Berlin", "2090-07-01 12:00:00", "2090-07-01 12:00:00 +0200 CEST"),
            ("America/New_York", "2024-11-03 01:30:00", "2024-11-03 01:30:00 -0400 EDT"),
            ("America/New_York", "2024-03-10 02:30:00", "2024-03-10 01:30:00 -0500 EST"),
            ("Asia/Kolkata", "2024-01-01 00:00:00", "2024-01-01 00:00:00 +0530 IST"),
        ]
    )
    func `finds zones in the machine's database`(_ name: String, _ time: String, _ expected: String) throws {
        let time = try GoTime(time, layout: "2006-01-02 15:04:05", in: GoLocation.named(name))
        #expect(time.description == expected)
    }
}
