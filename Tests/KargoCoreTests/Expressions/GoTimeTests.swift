import Testing

@testable import KargoCore

/// Times as Go's `time` package writes and reads them.
@Suite struct GoTimeTests {
    /// 2024-03-05 14:07:09.050600000, a Tuesday, in a zone 5:30 ahead of UTC.
    private static let time = GoTime(
        secondsSince1970: 1_709_627_829,
        nanosecond: 50_600_000,
        location: GoLocation(fixed: "IST", offset: 19_800)
    )

    @Test(
        arguments: [
            ("2006-01-02T15:04:05Z07:00", "2024-03-05T14:07:09+05:30"),
            ("Monday, January 2, 2006", "Tuesday, March 5, 2024"), ("Mon Jan _2 06", "Tue Mar  5 24"),
            ("1/2/06 3:4:5 PM", "3/5/24 2:7:9 PM"), ("01/02 03:04:05pm", "03/05 02:07:09pm"),
            ("002 __2", "065  65"), ("15h04", "14h07"), (".000 ,000000 .999 .999999999", ".050 ,050600 .05 .0506"),
            ("-07 -0700 -07:00 -070000 -07:00:00", "+05 +0530 +05:30 +053000 +05:30:00"),
            ("Z07 Z0700 Z070000 Z07:00:00 MST", "+05 +0530 +053000 +05:30:00 IST"),
            ("_2006 20066 02006 2 22", "_2024 20246 05024 5 55"), ("Januaryx Janx Jan", "Marchx Janx Mar"),
            ("Monday Mondays Monk Mon", "Tuesday Tuesdays Monk Tue"), (".0000x .01 .9a", ".0506x .03 a"),
            ("", ""), ("plain text", "plain text"), ("é06é", "é24é"), ("00", "00"), ("Z", "Z"), ("-", "-"),
        ]
    )
    func `writes a layout`(_ layout: String, _ expected: String) {
        #expect(Self.time.formatted(layout) == expected)
    }

    @Test func `writes UTC as Z where the layout allows`() {
        let time = Self.time.shown(in: .utc)
        #expect(time.formatted("15:04Z07:00 Z07 -07:00 MST") == "08:37Z Z +00:00 UTC")
        #expect(time.description == "2024-03-05 08:37:09.0506 +0000 UTC")
        let nameless = time.shown(in: GoLocation(fixed: "", offset: -9_000))
        #expect(nameless.description == "2024-03-05 06:07:09.0506 -0230 -0230")
    }

    @Test(
        arguments: [
            ("2024-03-05", "2006-01-02", "2024-03-05T00:00:00Z"), ("24-3-5", "06-1-2", "2024-03-05T00:00:00Z"),
            ("69", "06", "1969-01-01T00:00:00Z"), ("5 mar 2024", "2 Jan 2006", "2024-03-05T00:00:00Z"),
            ("TUESDAY 05 MARCH 2024", "Monday 02 January 2006", "2024-03-05T00:00:00Z"),
            ("3:04 PM", "3:04 PM", "0000-01-01T15:04:00Z"), ("12:04am", "03:04pm", "0000-01-01T00:04:00Z"),
            ("12:04 PM", "3:04 PM", "0000-01-01T12:04:00Z"), ("9:05:06", "15:04:05", "0000-01-01T09:05:06Z"),
            ("2024 065", "2006 002", "2024-03-05T00:00:00Z"), ("2023 60", "2006 __2", "2023-03-01T00:00:00Z"),
            ("10:20:30.5", "15:04:05", "0000-01-01T10:20:30.5Z"), ("10:20:30,25", "15:04:05.000", ""),
            ("10:20:30,250", "15:04:05.000", "0000-01-01T10:20:30.25Z"),
            ("10:20:30", "15:04:05.999", "0000-01-01T10:20:30Z"),
            ("10:20:30.1234567891", "15:04:05.999", "0000-01-01T10:20:30.123456789Z"),
            ("2024-03-05T10:00:00+02:00", "2006-01-02T15:04:05Z07:00", "2024-03-05T10:00:00+02:00"),
            ("2024-03-05 10 -0230", "2006-01-02 15 -0700", "2024-03-05T10:00:00-02:30"),
            ("2024-03-05 10 +01", "2006-01-02 15 -07", "2024-03-05T10:00:00+01:00"),
            ("2024-03-05 10 +01:02:03", "2006-01-02 15 -07:00:00", "2024-03-05T10:00:00+01:02"),
            ("10Z", "15Z07", "0000-01-01T10:00:00Z"), ("10 UTC", "15 MST", "0000-01-01T10:00:00Z"),
            ("10 XYZ", "15 MST", "0000-01-01T10:00:00Z"), ("10 GMT+3", "15 MST", "0000-01-01T13:00:00+03:00"),
            ("10 ChST", "15 MST", "0000-01-01T10:00:00Z"), ("a  b 2024", "a b 2006", "2024-01-01T00:00:00Z"),
            ("29 Feb 2024", "2 Jan 2006", "2024-02-29T00:00:00Z"),
        ]
    )
    func `reads a layout`(_ text: String, _ layout: String, _ expected: String) throws {
        let time = try? GoTime(text, layout: layout)
        #expect((try time?.jsonText() ?? "") == expected)
    }

    @Test(
        arguments: [
            ("2024-13-05", "2006-01-02"), ("2024-02-30", "2006-01-02"), ("2023-02-29", "2006-01-02"),
            ("2024-3-5", "2006-01-02"), ("2024-03-05x", "2006-01-02"), ("24:00", "15:04"), ("10:60", "15:04"),
            ("10:20:60", "15:04:05"), ("13:00 PM", "3:04 PM"), ("1:00 pm", "3:04 PM"), ("foo", "Jan"), ("", "2006"),
            ("224", "2006"), ("+224", "2006"), ("2023 366", "2006 002"), ("2024 000", "2006 002"),
            ("2024 02 060 x", "2006 01 002"), ("2024 01 060", "2006 01 002"), ("10 ab", "15 MST"),
            ("10 ABCDEF", "15 MST"),
            ("10 0200", "15 -0700"), ("10 +2500", "15 -0700"), ("10 +0161", "15 -0700"), ("10+01-00", "15-07:00"),
            ("a b", "a  c"), ("10:20:30.", "15:04:05"), ("10:20:30.x", "15:04:05.000"), ("٢٠٢٤", "2006"),
        ]
    )
    func `refuses what is not of the layout`(_ text: String, _ layout: String) {
        #expect(throws: ValueError.self) { try GoTime(text, layout: layout) }
    }

    @Test func `counts over the ends of months and years`() throws {
        let time = try GoTime("2024-01-31 10", layout: "2006-01-02 15")
        #expect(time.adding(years: 0, months: 1, days: 0).description.hasPrefix("2024-03-02 10:00"))
        #expect(time.adding(years: -1, months: -13, days: 400).description.hasPrefix("2023-02-04 10:00"))
        #expect(time.adding(years: 0, months: 0, days: -31).description.hasPrefix("2023-12-31 10:00"))
        _ = time.adding(years: .max, months: .min, days: .max).description
    }

    @Test func `cuts the time between moments to what a duration holds`() {
        let first = GoTime(secondsSince1970: .min)
        let last = GoTime(secondsSince1970: .max, nanosecond: 999_999_999)
        #expect(last.since(first) == GoDuration(nanoseconds: .max))
        #expect(first.since(last) == GoDuration(nanoseconds: .min))
        #expect(!first.description.isEmpty)
        #expect(!last.description.isEmpty)
    }

    @Test(arguments: [
        (-1, "1969-12-31 23:59:59"), (0, "1970-01-01 00:00:00"), (-62_135_596_800, "0001-01-01 00:00:00"),
        (-62_167_219_200, "0000-01-01 00:00:00"), (-62_167_219_201, "-0001-12-31 23:59:59"),
        (253_402_300_800, "10000-01-01 00:00:00"), (951_782_400, "2000-02-29 00:00:00"),
    ])
    func `knows the calendar`(_ seconds: Int64, _ expected: String) {
        #expect(GoTime(secondsSince1970: seconds).description == expected + " +0000 UTC")
    }
}
