import KargoCore
import Testing

@Suite("Quantity")
struct QuantityTests {
    @Test(
        arguments: [
            // Decimal suffixes.
            ("0", "0"), ("00", "0"), ("0.0", "0"), ("0Ki", "0"), ("0e5", "0"), ("-0", "0"), ("-0.00m", "0"),
            ("1", "1"), ("9", "9"), ("1000m", "1"), ("1500m", "1500m"), ("100m", "100m"), ("0.1", "100m"),
            ("0.5", "500m"), ("1.5", "1500m"), (".5", "500m"), ("1.08", "1080m"), ("0.005", "5m"),
            ("1000", "1k"), ("1024", "1024"), ("100000", "100k"), ("128974848", "128974848"), ("1234000", "1234k"),
            ("1000k", "1M"), ("1000M", "1G"), ("0.001T", "1G"), ("1500k", "1500k"), ("1000T", "1P"), ("1000P", "1E"),
            ("12E", "12E"), ("8.1k", "8100"), ("6.987654321G", "6.987654321G"), ("40.1T", "40100G"),
            ("1000u", "1m"), ("1080000000n", "1080m"), ("5n", "5n"), ("50u", "50u"), ("12345678m", "12345678m"),
            // Exponents.
            ("1e3", "1e3"), ("1E3", "1E3"), ("1e+3", "1e+3"), ("12e6", "12e6"), ("1.2e3", "1200"), ("1e4", "10e3"),
            ("1e5", "100e3"), ("1e-3", "1e-3"), ("1e-1", "100e-3"), ("1000e-12", "1e-9"), (".001e12", "1e9"),
            ("0.5e0", "500e-3"), ("1.5e0", "1500e-3"), ("1e0", "1e0"), ("1000e0", "1e3"), ("1e100", "10e99"),
            // Binary suffixes.
            ("1Ki", "1Ki"), ("1024Ki", "1Mi"), ("1000Ki", "1000Ki"), ("1.5Gi", "1536Mi"), ("1024Mi", "1Gi"),
            ("307200Ki", "300Mi"), ("1025024Mi", "1001Gi"), ("1Ei", "1Ei"), ("7Ei", "7Ei"), ("0.5Ki", "512"),
            ("0.5Mi", "512Ki"), ("1.1Ki", "1126400m"), (".001Ki", "1024m"), ("100.035Ki", "102435840m"),
            ("0.05Gi", "53687091200m"), ("0.0009765625Ki", "1"), ("1024Pi", "1Ei"),
            // Signs.
            ("-1", "-1"), ("-0.1", "-100m"), ("-1.5Gi", "-1536Mi"), ("-1024Ki", "-1Mi"), ("-1000m", "-1"),
            ("-1e4", "-10e3"),
            // Finer than a billionth: away from zero.
            ("0.0000000001", "1n"), ("0.9n", "1n"), ("3.001n", "4n"), ("-3.001n", "-4n"), ("1.1E-9", "2e-9"),
            ("0.00000012345", "124n"), ("9.9999999999", "10"), ("0.000000000001Ki", "2n"), ("1e-400", "1e-9"),
            ("1.00000000000000000000000000000000000000000000001", "1000000001n"),
            ("1.00000000000000000000000000000000000000000000000", "1"),
            // Larger than 64 bits: cut with a binary suffix only.
            ("8Ei", "9223372036854775807"), ("9Ei", "9223372036854775807"), ("-9Ei", "-9223372036854775807"),
            ("9223372036854775807Ki", "9223372036854775807"),
            ("9999999999999999999999999999999Mi", "9223372036854775807"),
            ("9223372036854775808", "9223372036854775808"), ("100000000000000000000", "100E"), ("1000E", "1000E"),
            ("12345678901234567890123", "12345678901234567890123"),
        ]
    )
    func `is written as Kubernetes writes it`(text: String, canonical: String) throws {
        let quantity = try Quantity(text)
        #expect(quantity.description == canonical)
        let again = try Quantity(canonical)
        #expect(again == quantity)
        #expect(again.description == canonical)
    }

    // What Go takes for canonical without looking closer.
    @Test(arguments: ["1.500", "1.234", "1.500k", "100.035k", "7.123456M", "+1", "01", "1.", "1.Ki", "+3Ki", "-1.001"])
    func `a text that Go keeps is kept`(text: String) throws {
        #expect(try Quantity(text).description == text)
    }

    @Test(arguments: ["-", "+", ".", "-.", "m", "k", "Ki", "e3", "+.Ki"])
    func `a number without digits is zero as in Go`(text: String) throws {
        #expect(try Quantity(text) == Quantity())
    }

    @Test(
        arguments: [
            "", " ", " 1", "1 ", "1.1.M", "1+1.0M", "0.1mi", "0.1am", "aoeu", ".5i", "1i", "-3.01i", "-3.01e-", "1e",
            "1K",
            "1ki", "1mM", "1e3k", "1ee3", "1e3.5", "--1", "+-1", "1_000", "1,5", "0x10", "Inf", "NaN", "1e99999999999",
            "1Zi", "١", "1\u{0}", "1Ki\u{301}",
        ]
    )
    func `anything else is refused`(text: String) {
        #expect(throws: ValueError.self) { try Quantity(text) }
    }

    @Test func `more digits than can be held are refused and not rounded`() throws {
        let digits = String(repeating: "7", count: 38)
        #expect(try Quantity(digits).description == digits)
        let error = #expect(throws: ValueError.self) { try Quantity(digits + "7") }
        #expect(error?.message == "quantity \"\(digits)7\" has more than 38 significant digits")
        #expect(try Quantity(digits + "000") > Quantity(digits))
        #expect(try Quantity(String(repeating: "9", count: 100_000) + "Mi").value == .max)
    }

    @Test func `quantities are ordered by amount`() throws {
        let ordered = try [
            "-1e100", "-12E", "-9Ei", "-1Gi", "-1", "-999m", "-1n", "0", "1n", "2n", "1u", "1m", "0.0011", "999m", "1",
            "1.000000001", "1001m", "1023", "1Ki", "1025", "100k", "1Mi", "1G", "1Gi", "7Ei", "9Ei", "12E", "1e99",
            "1.1e99", "1e100", "1e2147483647",
        ]
        .map { try Quantity($0) }
        for (position, quantity) in ordered.enumerated() {
            for (otherPosition, other) in ordered.enumerated() {
                #expect((quantity < other) == (position < otherPosition))
                #expect((quantity == other) == (position == otherPosition))
            }
        }
    }

    @Test(
        arguments: [
            ("1Gi", "1073741824"), ("1", "1000m"), ("1k", "1e3"), ("0.5", "500m"), ("0", "0Ki"), ("-1Ki", "-1024"),
            ("1e100", "10e99"),
        ]
    )
    func `equal amounts are equal however they are written`(left: String, right: String) throws {
        #expect(try Quantity(left) == Quantity(right))
        #expect(try Set([Quantity(left), Quantity(right)]).count == 1)
    }

    @Test(
        arguments: [
            ("0", 0, 0), ("1", 1, 1000), ("100m", 1, 100), ("-100m", -1, -100), ("1.5Ki", 1536, 1_536_000),
            ("1n", 1, 1),
            ("-1001m", -2, -1001), ("9Ei", .max, .max), ("1e100", .max, .max), ("-1e100", .min, .min),
            ("1e2147483647", .max, .max), ("-9223372036854775808", .min, .min),
            ("9223372036854775807m", 9_223_372_036_854_776, .max),
        ] as [(String, Int64, Int64)]
    )
    func `integers are rounded away from zero and cut`(text: String, value: Int64, milliValue: Int64) throws {
        let quantity = try Quantity(text)
        #expect(quantity.value == value)
        #expect(quantity.milliValue == milliValue)
    }

    @Test(
        arguments: [
            ("1Gi", "1Gi"), (" 1 ", "1"), (1, "1"), (0.1, "100m"), (1.5, "1500m"), (-2, "-2"), (1e21, "1e+21"),
            (1000, "1k"), (nil, "0"),
        ] as [(JSONValue, String)]
    )
    func `texts and numbers are decoded`(json: JSONValue, text: String) throws {
        let quantity = try JSONValueDecoder().decode(Quantity.self, from: json)
        #expect(quantity.description == text)
        #expect(try JSONValueEncoder().encode(quantity) == .string(text))
        let scalarsAsText = JSONValueDecoder(convertsScalarsToStrings: true)
        #expect(try scalarsAsText.decode(Quantity.self, from: json) == quantity)
    }

    @Test(
        arguments: [
            (true, "limits.cpu: must be a string or a number, not of type boolean"),
            ([1], "limits.cpu: must be a string or a number, not of type array"),
            (
                "1x",
                "limits.cpu: \"1x\" is not a quantity; "
                    + "write a number and, if need be, a suffix such as m, k, M, Ki or Mi"
            ),
        ] as [(JSONValue, String)]
    )
    func `an error names the field`(json: JSONValue, message: String) {
        let error = #expect(throws: FieldError.self) {
            try JSONValueDecoder().decode(ResourceRequirements.self, from: ["limits": ["cpu": json]])
        }
        #expect(error?.description == message)
    }
}
