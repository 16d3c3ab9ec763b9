import KargoCore
import Testing

/// What Go's `encoding/json` and `strconv` write.
@Suite("Go number")
struct GoNumberTests {
    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (100, "100"), (123_456_789, "123456789"),
            (1e20, "100000000000000000000"), (1e21, "1e+21"), (123e20, "1.23e+22"),
            (123_456e15, "123456000000000000000"),
            (1e-6, "0.000001"), (9.99e-7, "9.99e-7"), (1e-7, "1e-7"), (1.25e-10, "1.25e-10"), (1e-100, "1e-100"),
            (-2.5e-9, "-2.5e-9"), (.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (0x1p53, "9007199254740992"), (0.30000000000000004, "0.30000000000000004"), (12_345.678, "12345.678"),
        ] as [(Double, String)]
    )
    func `is written in JSON as Go does`(_ value: Double, _ expected: String) {
        #expect(GoNumber.json(value) == expected)
        #expect(Double(expected) == value)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0"), (1, "1"), (-1.5, "-1.5"), (100_000, "100000"), (999_999, "999999"), (1e6, "1e+06"),
            (1_234_567, "1.234567e+06"), (123_456.75, "123456.75"), (1e-4, "0.0001"), (9.9e-5, "9.9e-05"),
            (1e-5, "1e-05"),
            (1e21, "1e+21"), (1e100, "1e+100"), (.leastNonzeroMagnitude, "5e-324"), (2.5e-9, "2.5e-09"),
            (.infinity, "+Inf"),
            (-.infinity, "-Inf"), (.nan, "NaN"),
        ] as [(Double, String)]
    )
    func `is written elsewhere as Go does`(_ value: Double, _ expected: String) {
        #expect(GoNumber.general(value) == expected)
    }
}
