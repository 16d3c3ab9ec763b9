import KargoCore
import Testing

@Suite("JSON parser and serializer")
struct JSONParserTests {
    @Test(
        arguments: [
            ("null", nil),
            (" [1, -0, 1.0, 1e2, -1.5E-3]\n", [1, 0, 1.0, 100.0, -0.0015]),
            ("9223372036854775807", .int(.max)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)),
            (#"{"a":{"b":[]},"c":{}}"#, ["a": ["b": []], "c": [:]]),
            (#""\"\\\/\b\f\n\r\té😀""#, "\"\\/\u{8}\u{C}\n\r\té\u{1F600}"),
            (#""\ud800x\udc00""#, "\u{FFFD}x\u{FFFD}"),
            (#"{"a":1,"a":2}"#, ["a": 2]),
        ] as [(String, JSONValue)]
    )
    func `reads every kind of value`(text: String, value: JSONValue) throws {
        #expect(try JSONValue(parsing: text) == value)
    }

    @Test(arguments: [
        "", "[1,]", "{\"a\"}", "{a:1}", "01", "1.", "-", "+1", "\"a", "\"\t\"", "\"\\x\"", "\"\\u12g4\"", "nul",
        "[1] 2",
        "{\"a\":1,}", "1e999", "\u{FEFF}1",
    ])
    func `refuses what is not JSON`(text: String) {
        #expect(throws: SyntaxError.self) { try JSONValue(parsing: text) }
    }

    @Test func `says line and column`() {
        let error = #expect(throws: SyntaxError.self) { try JSONValue(parsing: "{\n  \"a\": 1,\n  b\n}") }
        #expect(error.map { [$0.line, $0.column] } == [3, 3])
    }

    @Test func `refuses text that is not UTF-8`() {
        #expect(throws: SyntaxError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
        #expect(throws: SyntaxError.self) { try JSONValue(parsing: [0x22, 0x5C, 0x6E, 0xC3, 0x22]) }
    }

    @Test func `refuses nesting that would exhaust the stack`() throws {
        let deepest = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
        #expect(try JSONValue(parsing: deepest).text() == deepest)
        #expect(throws: SyntaxError.self) { try JSONValue(parsing: "[" + deepest + "]") }
    }

    @Test func `reports members that stand twice`() throws {
        var paths: [String] = []
        let text = #"{"a":[{"b":1,"b":2}],"c":1,"c":2}"#
        _ = try JSONValue(parsing: Array(text.utf8)) { paths.append($0.description) }
        #expect(paths == ["a[0].b", "c"])
    }

    @Test func `writes sorted, indented and HTML-safe text`() {
        let value: JSONValue = ["b": [1, 1.5, nil, [:], []], "a": "<&>\u{2028}\u{1}"]
        #expect(value.text() == #"{"a":"<&>\u2028\u0001","b":[1,1.5,null,{},[]]}"#)
        #expect(
            value.text([.sortedKeys, .indented, .htmlSafe]) == #"""
                {
                  "a": "\u003c\u0026\u003e\u2028\u0001",
                  "b": [
                    1,
                    1.5,
                    null,
                    {},
                    []
                  ]
                }
                """#
        )
    }

    @Test(arguments: [
        (0.0, "0", "0"), (-0.0, "-0", "-0"), (1, "1", "1"), (-1.5, "-1.5", "-1.5"), (100, "100", "100"),
        (999_999, "999999", "999999"), (1_000_000, "1000000", "1e+06"),
        (1_234_567.5, "1234567.5", "1.2345675e+06"), (0.0001, "0.0001", "0.0001"), (0.00001, "0.00001", "1e-05"),
        (0.000001, "0.000001", "1e-06"), (1.5e-7, "1.5e-7", "1.5e-07"), (1e20, "100000000000000000000", "1e+20"),
        (1e21, "1e+21", "1e+21"), (1.7976931348623157e308, "1.7976931348623157e+308", "1.7976931348623157e+308"),
        (.leastNonzeroMagnitude, "5e-324", "5e-324"), (0.1, "0.1", "0.1"), (123.456, "123.456", "123.456"),
    ])
    func `writes numbers as Go does`(number: Double, json: String, general: String) {
        #expect(GoNumber.json(number) == json)
        #expect(GoNumber.general(number) == general)
    }
}
