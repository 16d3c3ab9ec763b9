import KargoCore
import Testing

@Suite struct ExpressionBuiltinTests {
    @Test(
        arguments: [
            ("trim(\"\\u00a0 a \\n\")", "a"), ("trim(\"__a_\", \"_\")", "a"), ("trim(\"xyaz\", \"zyx\")", "a"),
            ("trimPrefix(\"v1\", \"v\")", "1"), ("trimPrefix(\" 1\")", "1"), ("trimPrefix(\"1\", \"v\")", "1"),
            ("trimSuffix(\"a.git\", \".git\")", "a"), ("trimSuffix(\"a \")", "a"), ("upper(\"aéß\")", "AÉß"),
            ("lower(\"AÉİ\")", "aéi"), ("split(\"a,b,c\", \",\")", ["a", "b", "c"]), ("split(\"\", \",\")", [""]),
            ("split(\"a,b,c\", \",\", 2)", ["a", "b,c"]), ("split(\"a,b,c\", \",\", -1)", ["a", "b", "c"]),
            ("split(\"a,b\", \",\", 0)", .null), ("split(\"aé😀\", \"\")", ["a", "é", "😀"]),
            ("split(\"abc\", \"\", 2)", ["a", "bc"]), ("split(\"\", \"\")", []), ("split(\"aaa\", \"aa\")", ["", "a"]),
            ("splitAfter(\"a,b\", \",\")", ["a,", "b"]), ("splitAfter(\"a,b,c\", \",\", 2)", ["a,", "b,c"]),
            ("replace(\"aaa\", \"a\", \"b\")", "bbb"), ("replace(\"aaa\", \"a\", \"b\", 2)", "bba"),
            ("replace(\"aaa\", \"a\", \"\", -1)", ""), ("replace(\"ab\", \"\", \"-\")", "-a-b-"),
            ("replace(\"ab\", \"\", \"-\", 2)", "-a-b"), ("replace(\"\", \"\", \"-\")", "-"),
            ("replace(\"ab\", \"\", \"-\", 0)", "ab"), ("replace(\"abab\", \"ab\", \"é\")", "éé"),
            ("repeat(\"ab\", 3)", "ababab"), ("repeat(\"ab\", 0)", ""), ("repeat(\"a\", numbers[2])", "aa"),
            ("join(list)", "xyz"), ("join(list, \", \")", "x, y, z"), ("join([], \",\")", ""),
            ("indexOf(\"abcabc\", \"c\")", 2), ("indexOf(\"a\", \"z\")", -1), ("indexOf(\"éa\", \"a\")", 2),
            ("indexOf(\"a\", \"\")", 0), ("lastIndexOf(\"ababa\", \"aba\")", 2), ("lastIndexOf(\"a\", \"z\")", -1),
            ("lastIndexOf(\"ab\", \"\")", 2), ("indexOf(\"aabaabaaab\", \"aaab\")", 6),
            ("hasPrefix(\"abc\", \"ab\")", true),
            ("hasSuffix(\"abc\", \"bc\")", true), ("hasPrefix(\"e\\u0301\", \"e\")", true),
        ] as [(String, ExpressionValue)]
    )
    func `works on strings`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(
        arguments: [
            ("abs(-5)", 5), ("abs(-5.5)", 5.5), ("ceil(1.2)", 2.0), ("floor(-1.2)", -2.0), ("round(2.5)", 3.0),
            ("round(-2.5)", -3.0), ("round(2)", 2.0), ("int(\"42\")", 42), ("int(\"-7\")", -7), ("int(\"+7\")", 7),
            ("int(-1.9)", -1), ("float(\"1.5\")", 1.5), ("float(3)", 3.0), ("float(\"0x1p4\")", 16.0),
            ("max([1, 2.5])", 2.5), ("max(1, [2, [9]], 3)", 9), ("min(numbers)", 1.0), ("max([])", .null),
            ("max(nothing)", .null), ("min(text)", "abc"),
            ("mean([1, 2])", 1.5), ("mean([])", 0.0), ("mean(1, [2, 3])", 2.0), ("median(numbers)", 2.0),
            ("median([])", 0.0),
            ("median(4, 1, 2, 3)", 2.5), ("bitand(6, 3)", 2), ("bitor(6, 3)", 7), ("bitxor(6, 3)", 5),
            ("bitnand(6, 3)", 4),
            ("bitnot(6)", -7), ("bitshl(1, 3)", 8), ("bitshl(1, 64)", 0), ("bitshr(-8, 1)", -4), ("bitshr(-8, 99)", -1),
            ("bitushr(-1, 60)", 15), ("bitushr(-1, 64)", 0),
        ] as [(String, ExpressionValue)]
    )
    func `works on numbers`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(
        arguments: [
            ("len([1, 2])", 2), ("len(object)", 2), ("len(\"héllo\")", 5), ("len(raw)", 2), ("len(secret)", 1),
            ("first(list)", "x"), ("last(list)", "z"), ("first([])", .null), ("last(nothing)", .null),
            ("first(text)", 97),
            ("get(object, \"k\")", "v"), ("get(object, \"q\")", .null), ("get(secret, \"q\")", .null),
            ("get(list, -1)", "z"),
            ("get(list, 9)", .null), ("get(nothing, \"x\")", .null), ("get(text, 0)", 97), ("get(number, 0)", .null),
            ("take(list, 2)", ["x", "y"]), ("take(list, 9)", ["x", "y", "z"]), ("reverse(list)", ["z", "y", "x"]),
            ("uniq([1, 1.0, \"1\", 2, \"1\", [1], [1.0], nil, nil])", [1, "1", 2, [1], .null]),
            ("concat([1], list[:1], raw)", [1, "x", 104, 105]), ("flatten([1, [2, [3, []]]])", [1, 2, 3]),
            ("sort([3, 1.5, 2])", [1.5, 2, 3]), ("sort(list, \"desc\")", ["z", "y", "x"]), ("sort([nil])", [.null]),
            ("sort(object)", []),
            ("get(object, nil)", .null), ("no ? date(nil) : 1", 1),
            ("keys({b: 1, a: 2})", ["a", "b"]), ("values({b: 1, a: 2})", [2, 1]), ("keys(secret)", ["token"]),
            ("toPairs({b: 1, a: 2})", [["a", 2], ["b", 1]]), ("fromPairs([[\"a\", 1], [2, 3]])[2]", 3),
            ("fromPairs([[\"a\", 1]]).a", 1),
            ("keys(fromPairs([[\"b\", 1], [2, 1], [true, 1], [1, 1]]))", [true, 1, 2, "b"]),
            ("get(groupBy([1, 2], # > 1), true)", [2]),
        ] as [(String, ExpressionValue)]
    )
    func `works on collections`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(
        arguments: [
            ("string(nil)", "<nil>"), ("string(1234567)", "1234567"), ("string(1234567.0)", "1.234567e+06"),
            ("string(999999.0)", "999999"), ("string(0.00001)", "1e-05"), ("string(true)", "true"),
            ("string(text)", "abc"),
            ("string([1, \"a\", nil])", "[1 a <nil>]"), ("string({b: 1, a: [1.5]})", "map[a:[1.5] b:1]"),
            ("string(raw)", "[104 105]"), ("string(secret)", "map[token:s3]"), ("type(1.5)", "float"),
            ("type(1)", "int"),
            ("type(nil)", "nil"), ("type(list)", "array"), ("type(object)", "map"), ("type(raw)", "array"),
            ("type(yes)", "bool"),
            ("toJSON({b: 1, a: \"<x>\"})", "{\n  \"a\": \"\\u003cx\\u003e\",\n  \"b\": 1\n}"), ("toJSON([])", "[]"),
            ("toJSON(raw)", "\"aGk=\""), ("fromJSON(\"{\\\"a\\\": [1, null]}\")", ["a": [1.0, .null]]),
            ("toBase64(\"Hello\")", "SGVsbG8="), ("toBase64(\"\")", ""), ("toBase64(\"ab\")", "YWI="),
            ("fromBase64(\"SGVs\\nbG8=\")", "Hello"), ("fromBase64(\"/+8=\")", "\u{FFFD}\u{FFFD}"),
            ("fromBase64(\"\")", ""),
        ] as [(String, ExpressionValue)]
    )
    func `writes and reads text`(_ source: String, _ expected: ExpressionValue) async throws {
        #expect(try await value(of: source) == expected)
    }

    @Test(arguments: [
        "upper(nothing)", "upper(number)", "trim(list)", "split(text, nothing)", "split(text, \"\", nothing)",
        "repeat(\"a\", -1)", "join(numbers)", "join(text)", "join(list, 1)", "int(\"0x10\")", "int(\"4.2\")",
        "int(\" 1\")",
        "int(1e30)", "int(yes)", "float(\" 1\")", "float(\"1e999\")", "abs(text)", "max(\"a\", \"b\")", "mean([nil])",
        "bitand(number, 1)", "bitshl(1, -1)", "bitshl(1, whole - 6)", "len(number)", "take(list, -1)",
        "take(list, number)",
        "take(text, 1)", "get(list, \"a\")", "get(object, 1)", "reverse(text)", "sort([1, \"a\"])",
        "sort(list, \"up\")",
        "sort(list, 1)", "sort([yes, no])", "keys(list)", "fromPairs([[1]])", "fromPairs([[[1], 2]])", "flatten(1)",
        "fromJSON(\"{\")", "fromJSON(nothing)", "fromBase64(\"!!\")", "fromBase64(\"SGVsbG8\")", "fromBase64(\"S=GV\")",
        "toJSON(1 / 0)", "toJSON(groupBy(list, #))", "toBase64(raw)",
    ])
    func `fails where an argument is of the wrong kind`(_ source: String) async throws {
        await #expect(throws: ExpressionError.self) { try await value(of: source) }
    }
}
