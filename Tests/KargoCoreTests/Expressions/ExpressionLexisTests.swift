import KargoCore
import Testing

@Suite struct ExpressionLexisTests {
    @Test(
        arguments: [
            ("42", 42), ("1_000", 1000), ("017", 17), ("0x2A", 42), ("0XfF", 255), ("0b101", 5), ("0o17", 15), ("0", 0),
            ("9223372036854775807", .int(.max)), ("5.", 5.0), (".5", 0.5), ("1e3", 1000.0), ("1.5E-3", 0.0015),
            ("1_0.5", 10.5),
        ] as [(String, ExpressionValue)]
    )
    func `reads numbers`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: [
        "9223372036854775808", "1e400", "0x", "0xG", "0b2", "0o8", "1a", "1_000x", "1e", "1.5.5", "0x1.5", "12é",
        "0x-5",
    ])
    func `refuses malformed numbers`(_ source: String) {
        #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
    }

    @Test(
        arguments: [
            (#""a""#, "a"), (#"'a"b'"#, #"a"b"#), (#""it's""#, "it's"), (#"'it\'s'"#, "it's"),
            (#""\a\b\f\n\r\t\v\\""#, "\u{7}\u{8}\u{C}\n\r\t\u{B}\\"),
            (#""\101\x41\u0041\u{41}\U00000041""#, "AAAAA"), (#""\xff""#, "ÿ"), (#""\377""#, "ÿ"),
            (#""\u{1F600}""#, "😀"),
            (#""\ud83d""#, "\u{FFFD}"), ("'a\rb'", "a\nb"), ("`a\\n\nb`", "a\\n\nb"), ("`a``b`", "a`b"), ("``", ""),
            ("````", "`"),
            (#""//""#, "//"), (#""é😀""#, "é😀"),
        ] as [(String, ExpressionValue)]
    )
    func `reads strings`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(
        arguments: [
            (#"b"abc""#, [97, 98, 99]), (#"B'\xff\000'"#, [255, 0]), (#"b"é""#, [0xC3, 0xA9]),
        ] as [(String, [UInt8])]
    )
    func `reads bytes`(_ source: String, _ expected: [UInt8]) async throws {
        #expect(try await value(of: source) == .bytes(expected))
    }

    @Test(arguments: [
        #""a"#, "\"a\nb\"", #"'a\"b'"#, #""a\'b""#, #""\z""#, #""\x4""#, #""\x4g""#, #""\08""#, #""\400""#, #""\u12""#,
        #""\u{}""#, #""\u{1234567}""#, #""\u{110000}""#, #""\U00110000""#, #""\"#, "`a", #"b"\u0041""#, #"b"\u{41}""#,
        #""\x+1""#, #""\u{-1}""#,
    ])
    func `refuses malformed strings`(_ source: String) {
        #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
    }

    @Test(arguments: [
        "1 // one", "1 /* one */", "/* a\nb */ 1", "// a\n1", "\u{A0}1\u{2003}", "1\t\r\n", "/**/1/***/",
    ])
    func `skips comments and blanks of any kind`(_ source: String) async throws {
        #expect(try await value(of: source) == 1)
    }

    @Test(arguments: ["1 /* one", "1 /*/", "/", "@", "a & b", "a = 1", "a === b", "a \\ b", "\u{200B}1", "##"])
    func `refuses what is no token`(_ source: String) {
        #expect(throws: ExpressionError.self) { try ExpressionProgram(source) }
    }

    @Test func `takes letters of any script as names`() async throws {
        #expect(try await value(of: "größe + _x + $y + ж2", ["größe": 1, "_x": 2, "$y": 3, "ж2": 4]) == 10)
    }

    @Test(arguments: [
        "in", "or", "and", "not", "matches", "contains", "startsWith", "endsWith", "let", "if", "else",
    ])
    func `takes reserved words as names after a dot only`(_ word: String) async throws {
        let source = "m.\(word)"
        #expect(try await value(of: source, ["m": [word: 7]]) == 7)
        #expect(throws: ExpressionError.self) { try ExpressionProgram(word) }
    }
}
