import KargoCore
import Synchronization
import Testing

@Suite struct ExpressionTimeTests {
    @Test(
        arguments: [
            ("date(\"2024-03-05\").Year()", 2024), ("date(\"2024-03-05\").YearDay()", 65),
            ("date(\"2024-03-05\").Day()", 5), ("date(\"10:20:30\").Minute()", 20),
            ("date(\"2024-03-05 10:20:30\").Second()", 30),
            ("date(\"2024-03-05T10:20:30+01:00\").UTC().Hour()", 9), ("date(\"02 Jan 06 15:04 MST\").Hour()", 15),
            ("date(\"Monday, 02-Jan-06 15:04:05 MST\").Second()", 5),
            ("date(\"Mon, 02 Jan 2006 15:04:05 MST\").Year()", 2006),
            ("date(\"5/3/2024\", \"2/1/2006\").Unix()", 1_709_596_800),
            ("date(\"2024-03-05\").UnixMilli()", 1_709_596_800_000),
            ("date(\"1969-12-31T23:59:59.5Z\").UnixMilli()", -500), ("date(\"1970-01-01\").UnixNano()", 0),
            ("date(\"10:20:30.25\").Nanosecond()", 250_000_000), ("date(\"2024-12-30\").ISOWeek()", 2025),
            ("string(date(\"2024-03-05\"))", "2024-03-05 00:00:00 +0000 UTC"),
            ("date(\"2024-03-05\").Format(\"Jan 2\")", "Mar 5"),
            ("int(date(\"2024-03-05\").Month())", 3), ("string(date(\"2024-03-05\").Month())", "March"),
            ("date(\"2024-03-05\").Weekday().String()", "Tuesday"), ("date(\"2024-03-05\").Zone()", "UTC"),
            ("toJSON([date(\"2024-03-05\"), date(\"2024-03-05\").Month()])", "[\n  \"2024-03-05T00:00:00Z\",\n  3\n]"),
            ("type(date(\"2024-03-05\"))", "time.Time"), ("type(duration(\"1s\"))", "time.Duration"),
            ("type(date(\"2024-03-05\").Month())", "time.Month"), ("type(date(\"2024-03-05\").Year)", "func"),
            ("[date(\"2024-03-05\")] | map(.Year()) | first()", 2024),
        ] as [(String, ExpressionValue)]
    )
    func `reads times and takes them apart`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(
        arguments: [
            ("date(\"2024-03-05\") + duration(\"36h\") == date(\"2024-03-06 12:00:00\")", true),
            ("duration(\"1h\") + date(\"2024-03-05\") > date(\"2024-03-05\")", true),
            ("date(\"2024-03-05\") - date(\"2024-03-04\") == duration(\"24h\")", true),
            ("date(\"2024-03-05\") - duration(\"1ns\") < date(\"2024-03-05\")", true),
            ("date(\"2024-03-05T01:00:00+01:00\") == date(\"2024-03-05\")", true),
            ("date(\"2024-03-05\").Equal(date(\"2024-03-05\"))", true),
            ("date(\"2024-03-05\").Compare(date(\"2025-03-05\"))", -1),
            ("date(\"2024-03-05\").Sub(date(\"2024-03-04\")).Hours()", 24.0),
            ("date(\"2024-01-31\").AddDate(0, 1, 0).Day()", 2), ("date(\"0001-01-01\").IsZero()", true),
            ("date(\"2024-03-05 10:44:30\").Truncate(duration(\"15m\")).Minute()", 30),
            ("date(\"2024-03-05 10:37:30\").Round(duration(\"15m\")).Minute()", 45),
            ("date(\"2024-03-05\") in [date(\"2024-03-05\")]", true), ("string(duration(\"90m\") * 2)", "3h0m0s"),
            ("2 * duration(\"1s\") == duration(\"2s\")", true), ("duration(\"1s\") * 1.5", 1_500_000_000.0),
            ("duration(\"1s\") - duration(\"1m\") < duration(\"0\")", true), ("int(duration(\"1us\"))", 1000),
            ("duration(\"1h30m\").Minutes()", 90.0), ("duration(\"1500ms\").Seconds()", 1.5),
            ("duration(\"1500us\").Milliseconds()", 1), ("duration(\"-1s\").Abs().String()", "1s"),
            ("duration(\"95s\").Round(duration(\"1m\")).String()", "2m0s"),
            ("duration(\"-90s\").Round(duration(\"1m\")).String()", "-2m0s"),
            ("duration(\"95s\").Truncate(duration(\"1m\")).String()", "1m0s"),
            ("map(sort([duration(\"2s\"), duration(\"1s\")]), int(#) / 1e9)", [1.0, 2.0]),
            ("sortBy([date(\"2025-01-01\"), date(\"2024-01-01\")], #)[0].Year()", 2024),
            ("timezone(\"UTC\").String()", "UTC"), ("now(timezone(\"UTC\")).Location() == timezone(\"UTC\")", true),
            ("date(timezone(\"UTC\"), \"2024-03-05\", \"2006-01-02\", \"UTC\").Day()", 5),
        ] as [(String, ExpressionValue)]
    )
    func `computes with times and durations`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: [
        "date(\"\")", "date(\"tomorrow\")", "date(5)", "date(nothing)", "date()", "date(\"a\", \"b\", \"UTC\", \"d\")",
        "date(timezone(\"UTC\"))", "date(\"10\", \"15\", \"Nowhere/Land\")", "timezone(\"Nowhere/Land\")",
        "timezone(5)",
        "duration(\"1\")", "duration(\"1 h\")", "duration(1)", "duration(\"9999999h\")", "now(1)", "now(\"UTC\")",
        "now() + 1", "now() + now()", "now() * 2", "now() < 5", "now() == \"x\"", "now().Month() == 5", "now().Nope()",
        "now().year()", "now().Add(1)", "now().Format()", "duration(\"1s\") / 2", "duration(\"1s\") + 1",
        "-duration(\"1s\")", "duration(\"1s\") % 2", "float(duration(\"1s\"))", "abs(duration(\"1s\"))",
        "now()[\"Nope\"]", "now()[0:1]", "keys(now())", "max(duration(\"1s\"), 1)", "sort([now(), 1])", "len(now())",
        "get(now(), \"Year\")",
        "toJSON(date(\"2024-01-01\").AddDate(9999, 0, 0))", "now().Month() + 1", "\"a\" in now()",
    ])
    func `refuses what has no meaning`(_ source: String) async throws {
        await #expect(throws: ExpressionError.self) { try await value(of: source) }
    }

    @Test func `asks its clock once in an evaluation`() async throws {
        let readings = Mutex<Int64>(0)
        var environment = ExpressionEnvironment(functions: [
            ExpressionFunction("read", arity: 1...1, reading: { arguments in arguments[0] })
        ])
        environment.clock = {
            readings.withLock { readings in
                readings += 1
                return GoTime(secondsSince1970: readings)
            }
        }
        let program = try ExpressionProgram("[now().Unix(), read(now().Unix()), read(string(now())) == string(now())]")
        #expect(try await program.evaluate(in: environment) == [1, 1, true])
        #expect(try await program.evaluate(in: environment) == [2, 2, true])
    }

    @Test func `does not tell a text that is no time`() async throws {
        for source in ["date(hidden)", "duration(hidden)", "timezone(hidden)", "date(\"10\", hidden)"] {
            let error = await #expect(throws: ExpressionError.self) {
                try await value(of: source, ["hidden": "hunter2"])
            }
            #expect(error.map { !String(describing: $0).contains("hunter2") } == true)
        }
    }
}
