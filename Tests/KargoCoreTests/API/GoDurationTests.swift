import KargoCore
import Testing

@Suite("Go duration")
struct GoDurationTests {
    @Test(
        arguments: [
            ("0", 0, "0s"), ("+0", 0, "0s"), ("-0", 0, "0s"), ("0s", 0, "0s"), ("0h0m", 0, "0s"),
            ("5s", 5_000_000_000, "5s"), ("30s", 30_000_000_000, "30s"), ("1478s", 1_478_000_000_000, "24m38s"),
            ("10m", 600_000_000_000, "10m0s"), ("1.5h", 5_400_000_000_000, "1h30m0s"),
            ("1h", 3_600_000_000_000, "1h0m0s"),
            ("-1h", -3_600_000_000_000, "-1h0m0s"), ("+5s", 5_000_000_000, "5s"), ("5.0s", 5_000_000_000, "5s"),
            ("5.6s", 5_600_000_000, "5.6s"), ("5.s", 5_000_000_000, "5s"), (".5s", 500_000_000, "500ms"),
            ("1.004s", 1_004_000_000, "1.004s"), ("100.00100s", 100_001_000_000, "1m40.001s"),
            ("10ns", 10, "10ns"), ("-999ns", -999, "-999ns"), ("11us", 11_000, "11µs"), ("12\u{B5}s", 12_000, "12µs"),
            ("12\u{3BC}s", 12_000, "12µs"), ("1.1us", 1_100, "1.1µs"), ("13ms", 13_000_000, "13ms"),
            ("300ms", 300_000_000, "300ms"),
            ("2.2ms", 2_200_000, "2.2ms"), ("1001ns", 1_001, "1.001µs"), ("1000001ns", 1_000_001, "1.000001ms"),
            ("14s", 14_000_000_000, "14s"), ("15m", 900_000_000_000, "15m0s"), ("16h", 57_600_000_000_000, "16h0m0s"),
            ("3h30m", 12_600_000_000_000, "3h30m0s"), ("10.5s4m", 250_500_000_000, "4m10.5s"),
            ("-2m3.4s", -123_400_000_000, "-2m3.4s"), ("1h2m3s4ms5us6ns", 3_723_004_005_006, "1h2m3.004005006s"),
            ("39h9m14.425s", 140_954_425_000_000, "39h9m14.425s"), ("8760h", 31_536_000_000_000_000, "8760h0m0s"),
            ("0.3333333333333333333h", 1_200_000_000_000, "20m0s"),
            ("0.100000000000000000000h", 360_000_000_000, "6m0s"),
            ("0.830103483285477580700h", 2_988_372_539_827, "49m48.372539827s"), ("0.9ns", 0, "0s"),
            ("1.9ns", 1, "1ns"),
            ("52763797000ns", 52_763_797_000, "52.763797s"),
            ("9007199254740993ns", 9_007_199_254_740_993, "2501h59m59.254740993s"),
            ("9223372036854775807ns", .max, "2562047h47m16.854775807s"),
            ("9223372036854775.807us", .max, "2562047h47m16.854775807s"),
            ("9223372036s854ms775us807ns", .max, "2562047h47m16.854775807s"),
            ("-9223372036854775808ns", .min, "-2562047h47m16.854775808s"),
            ("-9223372036854775.808us", .min, "-2562047h47m16.854775808s"),
        ] as [(String, Int64, String)]
    )
    func `is read and written as in Go`(text: String, nanoseconds: Int64, canonical: String) throws {
        let duration = try GoDuration(text)
        #expect(duration.nanoseconds == nanoseconds)
        #expect(duration.description == canonical)
        #expect(try GoDuration(canonical) == duration)
    }

    @Test(
        arguments: [
            ("", "it has no number"), ("-", "it has no number"), ("+", "it has no number"), ("3", "a unit is missing"),
            ("1.", "a unit is missing"), ("00", "a unit is missing"), ("1h2", "a unit is missing"),
            ("s", "a number is missing"),
            (".", "a number is missing"), (".s", "a number is missing"), ("+.s", "a number is missing"),
            (" 1s", "a number is missing"),
            ("--1s", "a number is missing"), ("1h-1s", "it has the unknown unit \"h-\""),
            ("1d", "it has the unknown unit \"d\""),
            ("1 s", "it has the unknown unit \" s\""), ("1S", "it has the unknown unit \"S\""),
            ("1s ", "it has the unknown unit \"s \""),
            ("1e3s", "it has the unknown unit \"e\""), ("1m.", "a number is missing"),
            ("1s\u{301}", "it has the unknown unit \"s\u{301}\""),
            ("9223372036854775808ns", "it is too long"), ("9223372036854775809ns", "it is too long"),
            ("-9223372036854775809ns", "it is too long"), ("9223372036854775.808us", "it is too long"),
            ("9223372036854ms775us808ns", "it is too long"), ("2562048h", "it is too long"),
            ("3000000h", "it is too long"),
            ("99999999999999999999s", "it is too long"),
            ("9223372036854775808ns9223372036854775808ns", "it is too long"),
            ("-9223372036854775808ns1ns", "it is too long"),
        ]
    )
    func `says what is wrong with anything else`(text: String, reason: String) {
        let error = #expect(throws: ValueError.self) { try GoDuration(text) }
        #expect(
            error?.message
                == "\(text.debugDescription) is not a duration: \(reason); write for example \"90s\" or \"1h30m\""
        )
    }

    @Test func `reads very long texts`() throws {
        #expect(try GoDuration(String(repeating: "1ns", count: 100_000)).nanoseconds == 100_000)
        #expect(try GoDuration("0." + String(repeating: "3", count: 100_000) + "s").nanoseconds == 333_333_333)
        #expect(throws: ValueError.self) { try GoDuration(String(repeating: "9", count: 100_000) + "s") }
    }

    @Test(
        arguments: [
            (Duration.seconds(90), 90_000_000_000), (.zero, 0), (.nanoseconds(-1), -1),
            (.milliseconds(-1500), -1_500_000_000),
            (Duration(secondsComponent: 0, attosecondsComponent: 1_999_999_999), 1),
            (Duration(secondsComponent: 0, attosecondsComponent: -1_999_999_999), -1),
            (.seconds(Int64.max), .max), (.seconds(Int64.min), .min), (.nanoseconds(Int64.max), .max),
        ] as [(Duration, Int64)]
    )
    func `is made of Swift's duration`(duration: Duration, nanoseconds: Int64) {
        #expect(GoDuration(duration).nanoseconds == nanoseconds)
    }

    @Test(arguments: [0, 1, -1, 1_500_000_000, .max, .min] as [Int64])
    func `gives Swift's duration`(nanoseconds: Int64) {
        let duration = GoDuration(nanoseconds: nanoseconds)
        #expect(duration.duration == .nanoseconds(nanoseconds))
        #expect(GoDuration(duration.duration) == duration)
    }

    @Test func `is ordered by length`() {
        #expect(GoDuration(nanoseconds: -1) < GoDuration())
        #expect(GoDuration() < GoDuration(nanoseconds: 1))
    }

    @Test func `is encoded as text`() throws {
        #expect(try JSONValueEncoder().encode(GoDuration(.seconds(600))) == "10m0s")
        #expect(try JSONValueDecoder().decode(GoDuration.self, from: "10m") == GoDuration(.seconds(600)))
        let error = #expect(throws: FieldError.self) {
            try JSONValueDecoder().decode([String: GoDuration].self, from: ["timeout": "10"])
        }
        #expect(
            error?.description
                == "timeout: \"10\" is not a duration: a unit is missing; write for example \"90s\" or \"1h30m\""
        )
        #expect(throws: FieldError.self) { try JSONValueDecoder().decode(GoDuration.self, from: 600) }
    }
}
