import KargoCore
import Testing

@Suite struct ExpressionOperatorTests {
    @Test(
        arguments: [
            ("1 + 2", 3), ("1 + 2.0", 3.0), ("whole + number", 47.0), ("7 - 9", -2), ("2 * 3", 6), ("2 * 1.5", 3.0),
            ("6 / 3", 2.0), ("5 / 0", .double(.infinity)), ("7 % -3", 1), ("-7 % 3", -1), ("-whole", -5),
            ("+text", "abc"),
            ("9223372036854775807 + 1", .int(.min)), ("(-9223372036854775807 - 1) % -1", 0),
            ("9223372036854775807 * 2", -2), ("\"a\" + \"b\"", "ab"),
            ("(number - 0.5)..(number + 0.5)", [41, 42]), ("3..1", []), ("yes and text", "abc"),
            ("no or nothing", .null), ("no and text", false), ("1 == 1 and whole", 5),
            ("\"a\" == \"b\" or number", 42.0),
        ] as [(String, ExpressionValue)]
    )
    func `computes with Go's numbers`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: [
        "number % 2", "5 % 0", "whole % 0", "text + 1", "1 + text", "nothing + 1", "-text", "-nothing", "list + list",
        "object * 2", "text..2", "\"a\" < 1", "nothing < 1", "yes < no", "list < list", "not nothing", "not number",
        "text ? 1 : 2", "nothing ? 1 : 2", "text and yes", "nothing or yes", "no or 1.0 < text",
        "(yes and text) and yes",
    ])
    func `fails where operands are of the wrong kind`(_ source: String) async throws {
        #expect(try await failure(of: source) == .evaluation)
    }

    @Test(arguments: [
        ("1 == 1.0", true), ("whole == 5.0", true), ("number == 42", true), ("[1, 2] == [1.0, 2]", true),
        ("[1] == [1, 2]", false), ("{a: 1} == {a: 1}", true), ("{a: 1} == {a: 1.0}", false),
        ("{a: [1]} == {a: [1.0]}", false), ("{a: {b: nil}} == {a: {b: nil}}", true), ("[{a: 1}] == [{a: 1.0}]", false),
        ("object == {k: \"v\"}", false), ("secret == {token: \"s3\"}", false), ("secret == secret", true),
        ("nothing == nil", true), ("missing == nil", true), ("nothing == \"\"", false), ("yes == \"true\"", false),
        ("raw == b\"hi\"", true), ("raw == \"hi\"", false), ("text != \"abc\"", false), ("nil == nil", true),
        ("\"é\" == \"e\\u0301\"", false), ("\"\" == \"\"", true),
    ])
    func `compares for equality`(_ source: String, _ expected: Bool) async throws {
        #expect(try await value(of: source) == .bool(expected))
    }

    @Test(arguments: [
        ("1 < 1.5", true), ("2.0 >= 2", true), ("\"a\" < \"b\"", true), ("\"Z\" < \"a\"", true),
        ("\"a\" <= \"a\"", true),
        ("\"ab\" > \"a\"", true), ("\"z\" < \"é\"", true), ("\"e\\u0301\" < \"é\"", true),
        ("float(\"nan\") < 1", false), ("float(\"nan\") >= 1", false),
    ])
    func `compares for order, strings by byte`(_ source: String, _ expected: Bool) async throws {
        #expect(try await value(of: source) == .bool(expected))
    }

    @Test(arguments: [
        ("\"x\" in list", true), ("3 in numbers", true), ("5 in [5.0]", true), ("[1] in [[1.0]]", true),
        ("\"k\" in object", true), ("\"q\" in object", false), ("\"token\" in secret", true),
        ("nothing in object", false),
        ("\"x\" in nothing", false), ("nil in [nil]", true), ("105 in raw", true), ("whole not in 1..3", true),
        ("text in [\"abc\", \"d\"]", true), ("text in [\"d\"]", false), ("nothing in [\"\", \"d\"]", true),
        ("nothing in [\"d\"]", false), ("number in [42, \"a\"]", true), ("\"vars\" in $env", false),
        ("\"text\" in $env", true), ("1 in groupBy([1, 2], #)", true), ("1.0 in groupBy([1, 2], #)", false),
    ])
    func `looks for members`(_ source: String, _ expected: Bool) async throws {
        #expect(try await value(of: source) == .bool(expected))
    }

    @Test(arguments: ["text in text", "1 in object", "number in [\"a\", \"b\"]", "1 in 1", "yes in secret"])
    func `fails where there can be no members`(_ source: String) async throws {
        await #expect(throws: ExpressionError.self) { try await value(of: source) }
    }

    @Test(arguments: [
        ("text contains \"b\"", true), ("text contains \"\"", true), ("text contains \"abcd\"", false),
        ("text startsWith \"ab\"", true), ("text endsWith \"bc\"", true), ("text endsWith \"abcd\"", false),
        ("text matches \"^a.c$\"", true), ("text matches \"b\"", true), ("text matches \"^b\"", false),
        ("text matches \"^\" + \"a\"", true), ("raw matches \"h\"", true), ("nothing matches \"a\"", false),
        ("nothing contains \"a\"", false), ("text contains nothing", false), ("nothing startsWith 1", false),
        ("\"é\" contains \"\\u0301\"", false), ("\"aaab\" contains \"aab\"", true),
    ])
    func `asks questions about strings`(_ source: String, _ expected: Bool) async throws {
        #expect(try await value(of: source) == .bool(expected))
    }

    @Test(arguments: [
        "list contains \"x\"", "text contains 1", "number matches \"4\"", "text matches \"(\" + \"\"",
        "raw contains \"h\"",
    ])
    func `fails to ask questions about other values`(_ source: String) async throws {
        #expect(try await failure(of: source) == .evaluation)
    }

    @Test(
        arguments: [
            ("no and nothing.x", false), ("yes or nothing.x", true), ("nothing || true", true),
            ("text and true", "abc"),
            ("true and text", "abc"), ("text or false", "abc"), ("nothing.x and false", false),
            ("text || !false", true),
            ("nothing ?? 1", 1), ("missing ?? nothing ?? 2", 2), ("no ?? 1", false), ("secret.missing ?? \"d\"", ""),
            ("yes ? 1 : nothing.x", 1),
        ] as [(String, ExpressionValue)]
    )
    func `evaluates no more operands than the original`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }
}
