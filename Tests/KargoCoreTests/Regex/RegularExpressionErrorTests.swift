import KargoCore
import Testing

@Suite("faults in regular expressions")
struct RegularExpressionErrorTests {
    typealias Code = RegularExpressionError.Code

    private func fault(in pattern: String) -> RegularExpressionError? {
        do throws(RegularExpressionError) {
            _ = try RegularExpression(pattern)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("(", Code.missingParenthesis, 0),
        ("a(b", .missingParenthesis, 1),
        ("(a)(b|(c)", .missingParenthesis, 3),
        ("(?:a", .missingParenthesis, 0),
        ("(?P<n>a", .missingParenthesis, 0),
        ("a(?i", .missingParenthesis, 1),
        ("(?", .missingParenthesis, 0),
        (")", .unexpectedParenthesis, 0),
        ("a)", .unexpectedParenthesis, 1),
        ("(a))", .unexpectedParenthesis, 3),
        ("é(a))", .unexpectedParenthesis, 4),
        ("[", .missingBracket, 0),
        ("a[b", .missingBracket, 1),
        ("[]", .missingBracket, 0),
        ("[^]", .missingBracket, 0),
        ("[a-", .missingBracket, 0),
        ("[[:alpha:]", .missingBracket, 0),
    ])
    func `misses what should close`(_ example: (pattern: String, code: Code, offset: Int)) {
        #expect(fault(in: example.pattern)?.code == example.code)
        #expect(fault(in: example.pattern)?.offset == example.offset)
    }

    @Test(arguments: [
        ("*", Code.missingRepetitionArgument, 0),
        ("a|+", .missingRepetitionArgument, 2),
        ("(?b)", .unsupportedGroup, 0),
        ("(?i)*", .missingRepetitionArgument, 4),
        ("(*a)", .missingRepetitionArgument, 1),
        ("{2}", .missingRepetitionArgument, 0),
        (#"\Q\E*"#, .missingRepetitionArgument, 4),
        ("a**", .invalidRepetitionOperator, 2),
        ("a*+", .invalidRepetitionOperator, 2),
        ("a++", .invalidRepetitionOperator, 2),
        ("a?+", .invalidRepetitionOperator, 2),
        ("a*??", .invalidRepetitionOperator, 3),
        ("a{2}{3}", .invalidRepetitionOperator, 4),
        ("a{2}*", .invalidRepetitionOperator, 4),
        ("a{2,1}", .invalidRepetitionCount, 1),
        ("a{1001}", .invalidRepetitionCount, 1),
        ("a{1001,}", .invalidRepetitionCount, 1),
        ("a{1,1001}", .invalidRepetitionCount, 1),
        ("a{99999999999999999999}", .invalidRepetitionCount, 1),
        ("(a{0,1000}){0,1000}", .invalidRepetitionCount, 11),
        ("((a{100}){10}){2}", .invalidRepetitionCount, 14),
        ("(?:a{4}|b){0,251}", .invalidRepetitionCount, 10),
        ("(?:(?:){100}){100}", .invalidRepetitionCount, 13),
    ])
    func `refuses wrong repetitions`(_ example: (pattern: String, code: Code, offset: Int)) {
        #expect(fault(in: example.pattern)?.code == example.code)
        #expect(fault(in: example.pattern)?.offset == example.offset)
    }

    @Test(arguments: [
        (#"\"#, Code.trailingBackslash, 0),
        (#"a\"#, .trailingBackslash, 1),
        (#"[\"#, .trailingBackslash, 1),
        (#"\q"#, .invalidEscape, 0),
        (#"\E"#, .invalidEscape, 0),
        (#"\C"#, .invalidEscape, 0),
        (#"\Z"#, .invalidEscape, 0),
        (#"\K"#, .invalidEscape, 0),
        (#"\é"#, .invalidEscape, 0),
        (#"(a)\1"#, .invalidEscape, 3),
        (#"\8"#, .invalidEscape, 0),
        (#"\18"#, .invalidEscape, 0),
        (#"\k<n>"#, .invalidEscape, 0),
        (#"\x"#, .invalidEscape, 0),
        (#"\x4"#, .invalidEscape, 0),
        (#"\x4g"#, .invalidEscape, 0),
        (#"\x{}"#, .invalidEscape, 0),
        (#"\x{41"#, .invalidEscape, 0),
        (#"\x{4x}"#, .invalidEscape, 0),
        (#"\x{110000}"#, .invalidEscape, 0),
        (#"\x{FFFFFFFFFFFFFFFFFFFFFF}"#, .invalidEscape, 0),
        (#"[a\b]"#, .invalidEscape, 2),
        (#"[\Q]\E]"#, .invalidEscape, 1),
        (#"[a-\d]"#, .invalidEscape, 3),
        ("[z-a]", .invalidClassRange, 1),
        ("x[ab-a]", .invalidClassRange, 3),
        (#"[\x41-\x40]"#, .invalidClassRange, 1),
        ("[[:foo:]]", .unknownClass, 1),
        ("[[::]]", .unknownClass, 1),
        ("[[:Alpha:]]", .unknownClass, 1),
        ("[[:alpha]:]", .unknownClass, 1),
        (#"\p"#, .unknownClass, 0),
        (#"\p{"#, .unknownClass, 0),
        (#"\p{}"#, .unknownClass, 0),
        (#"\p{Lu"#, .unknownClass, 0),
        (#"\p{Klingon}"#, .unknownClass, 0),
        (#"\px"#, .unknownClass, 0),
        (#"[\p{Xx}]"#, .unknownClass, 1),
        (#"\p{é}"#, .unknownClass, 0),
    ])
    func `refuses wrong escapes and classes`(_ example: (pattern: String, code: Code, offset: Int)) {
        #expect(fault(in: example.pattern)?.code == example.code)
        #expect(fault(in: example.pattern)?.offset == example.offset)
    }

    @Test(arguments: [
        ("(?=a)", Code.unsupportedGroup, 0),
        ("(?!a)", .unsupportedGroup, 0),
        ("a(?<=a)", .unsupportedGroup, 1),
        ("a(?<!a)", .unsupportedGroup, 1),
        ("(?>a)", .unsupportedGroup, 0),
        ("(?#a)", .unsupportedGroup, 0),
        ("(?x)a", .unsupportedGroup, 0),
        ("(?i-)a", .unsupportedGroup, 0),
        ("(?--i)a", .unsupportedGroup, 0),
        ("(?-:a)", .unsupportedGroup, 0),
        ("(?'n'a)", .unsupportedGroup, 0),
        ("(?P=n)", .unsupportedGroup, 0),
        ("(?P>n)", .unsupportedGroup, 0),
        ("(?R)", .unsupportedGroup, 0),
        ("(?P<>a)", .invalidGroupName, 0),
        ("(?<>a)", .invalidGroupName, 0),
        ("(?P<x y>a)", .invalidGroupName, 0),
        ("(?P<é>a)", .invalidGroupName, 0),
        ("(?P<n", .invalidGroupName, 0),
        ("a(?P<n(a)", .invalidGroupName, 1),
    ])
    func `refuses groups that RE2 doesn't know`(_ example: (pattern: String, code: Code, offset: Int)) {
        #expect(fault(in: example.pattern)?.code == example.code)
        #expect(fault(in: example.pattern)?.offset == example.offset)
    }

    @Test func `says what is wrong and where, counted from 1`() throws {
        let error = try #require(fault(in: "ab[z-a]"))
        #expect(error.description == "the range 'z-a' ends before it begins (at character 4 of the regular expression)")
    }

    @Test func `names the scripts it knows`() throws {
        let error = try #require(fault(in: #"\p{Klingon}"#))
        #expect(error.message.contains(#"\p{Klingon}"#))
        #expect(error.message.contains("Cyrillic"))
    }

    @Test func `shortens what it quotes`() throws {
        let error = try #require(fault(in: #"\p{"# + String(repeating: "x", count: 10_000)))
        #expect(error.message.count < 400)
    }
}
