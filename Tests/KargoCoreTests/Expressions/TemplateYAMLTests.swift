import KargoCore
import Testing

/// What `asYAML` gives for a value: the layout of go-yaml 3's `yaml.Marshal`.
private func yaml(_ value: ExpressionValue) async throws -> String {
    try await yaml(of: "x", ["x": value])
}

private func yaml(of expression: String, _ variables: [String: ExpressionValue] = [:]) async throws -> String {
    let environment = ExpressionEnvironment(variables: variables, functions: [.semverParse])
    let result = try await Template("${{ asYAML(\(expression)) }}").evaluate(in: environment)
    return try #require(result.stringValue)
}

@Suite struct YAMLScalarFunctionTests {
    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (false, "false"), (42, "42"), (-5, "-5"),
            (.int(.min), "-9223372036854775808"), (.unsigned(.max), "18446744073709551615"), (2.0, "2"), (-0.0, "-0"),
            (0.1, "0.1"), (999_999.0, "999999"), (1e6, "1e+06"), (1_234_567.5, "1.2345675e+06"), (1e21, "1e+21"),
            (0.0001, "0.0001"), (0.00001, "1e-05"), (.double(.leastNonzeroMagnitude), "5e-324"),
            (.double(.infinity), ".inf"),
            (.double(-.infinity), "-.inf"), (.double(.nan), ".nan"), (.calendar(.month(3)), "3"),
            (.calendar(.weekday(0)), "0"),
        ] as [(ExpressionValue, String)]
    )
    func `writes numbers as Go does`(_ value: ExpressionValue, _ text: String) async throws {
        #expect(try await yaml(value) == text + "\n")
    }

    @Test(arguments: [
        // Read as something else by some reader.
        ("", "\"\""), ("~", "\"~\""), ("null", "\"null\""), ("true", "\"true\""), ("False", "\"False\""),
        ("yes", "\"yes\""), ("No", "\"No\""), ("y", "\"y\""), ("N", "\"N\""), ("on", "\"on\""), ("OFF", "\"OFF\""),
        ("5", "\"5\""), ("-5", "\"-5\""), ("+5", "\"+5\""), ("1_000", "\"1_000\""), ("0x1F", "\"0x1F\""),
        ("0o17", "\"0o17\""), ("0o-17", "\"0o-17\""), ("0b+1", "\"0b+1\""), ("017", "\"017\""), ("08", "\"08\""),
        ("1.5", "\"1.5\""), (".5", "\".5\""), (".5_0", "\".5_0\""), ("5.", "\"5.\""), ("1e3", "\"1e3\""),
        (".inf", "\".inf\""), ("-.Inf", "\"-.Inf\""), (".NAN", "\".NAN\""), ("1:30", "\"1:30\""),
        ("190:20:30.15", "\"190:20:30.15\""), ("2024-01-31", "\"2024-01-31\""), ("2024-1-2", "\"2024-1-2\""),
        ("2024-01-31T10:00:00.5+01:00", "\"2024-01-31T10:00:00.5+01:00\""),
        ("2024-01-31 10:00:00", "\"2024-01-31 10:00:00\""), ("<<", "\"<<\""),
        // Not.
        ("tRUE", "tRUE"), ("nULL", "nULL"), ("yess", "yess"), ("t", "t"), ("1.2.3", "1.2.3"), ("v5", "v5"),
        ("5m", "5m"),
        ("1Gi", "1Gi"), ("0x", "0x"), ("0b2", "0b2"), ("1e", "1e"), ("1e999", "1e999"), ("e3", "e3"), (".", "."),
        ("inf", "inf"), ("nan", "nan"), ("_1", "_1"), ("1:60", "1:60"), ("2024-02-30", "2024-02-30"),
        ("24-1-2", "24-1-2"),
        ("2024-01-31T10:00", "2024-01-31T10:00"), ("=", "="), ("0b1-1", "0b1-1"), ("0-0", "0-0"), ("--0", "--0"),
    ])
    func `puts quotes around text that means something else`(_ text: String, _ expected: String) async throws {
        #expect(try await yaml(.string(text)) == expected + "\n")
    }

    @Test(arguments: [
        ("a b", "a b"), ("it's", "it's"), ("a: b", "'a: b'"), ("a:b", "a:b"), ("a:", "'a:'"), (":a", ":a"),
        (": a", "': a'"),
        ("a #b", "'a #b'"), ("a#b", "a#b"), ("#a", "'#a'"), ("-", "'-'"), ("- a", "'- a'"), ("-a", "-a"),
        ("--- a", "'--- a'"),
        ("...", "'...'"), ("? a", "'? a'"), ("?a", "?a"), ("[a", "'[a'"), ("{a}", "'{a}'"), ("a]", "a]"),
        ("a, b", "a, b"),
        (",", "','"), ("&a", "'&a'"), ("*a", "'*a'"), ("!a", "'!a'"), ("|", "'|'"), (">a", "'>a'"), ("%a", "'%a'"),
        ("@a", "'@a'"), ("`a", "'`a'"), ("'a", "'''a'"), ("\"a\"", "'\"a\"'"), (" a", "' a'"), ("a ", "'a '"),
        ("a\\", "a\\"),
        ("a\tb", #""a\tb""#), ("\u{1}\u{1B}\0", #""\x01\e\0""#), ("a\rb", #""a\rb""#), ("é 你好", "é 你好"),
        ("😀", #""\U0001F600""#), ("\u{A0}x", "\u{A0}x"), ("\u{85}", #""\N""#), ("a\u{2028}b", "'a\u{2028}    b'"),
        ("x\u{FEFF}", #""x\uFEFF""#), ("\u{FEFF}x ", #""\uFEFF\x78\x20""#), ("\u{FFFE}", #""\uFFFE""#),
        ("\u{FFFD}", "\u{FFFD}"),
        ("${{ 1 }}", "${{ 1 }}"),
    ])
    func `quotes what the syntax asks for`(_ text: String, _ expected: String) async throws {
        #expect(try await yaml(.string(text)) == expected + "\n")
    }

    @Test(arguments: [" ", ""])
    func `never folds a long line`(_ end: String) async throws {
        let text = String(repeating: "word and ", count: 40) + "word" + end
        let quote = end.isEmpty ? "" : "'"
        #expect(try await yaml(["a": .string(text)]) == "a: \(quote)\(text)\(quote)\n")
        #expect(try await yaml(["a": .string(text + "\u{7}")]) == "a: \"\(text)\\a\"\n")
    }

    @Test func `writes what is no JSON`() async throws {
        let time = GoTime(secondsSince1970: 1_704_164_645, nanosecond: 120_000_000)
        #expect(try await yaml(.time(time)) == "2024-01-02T03:04:05.12Z\n")
        #expect(try await yaml(of: "date('2024-01-02T03:04:05-03:00')") == "2024-01-02T03:04:05-03:00\n")
        #expect(try await yaml(of: "duration('90m') + duration('1ms')") == "1h30m0.001s\n")
        #expect(try await yaml(of: "duration('2us')") == "2µs\n")
        #expect(try await yaml(.bytes([104, 0])) == "- 104\n- 0\n")
        #expect(try await yaml(.bytes([])) == "[]\n")
        #expect(try await yaml(.zone(.utc)) == "{}\n")
        #expect(try await yaml(of: "semverParse('v1.2')") == "1.2.0\n")
        #expect(try await yaml(of: "semverParse('1.2.3-rc.1+5')") == "1.2.3-rc.1+5\n")
    }
}

@Suite struct YAMLBlockFunctionTests {
    @Test(arguments: [
        ("a\nb\n", "|\n    a\n    b\n"), ("a\nb", "|-\n    a\n    b\n"), ("a\n\n", "|+\n    a\n\n"), ("\n", "|4+\n\n"),
        ("\na\n", "|4\n\n    a\n"), ("  a\nb\n", "|4\n      a\n    b\n"), ("a\n  b\n", "|\n    a\n      b\n"),
        ("a\n\nb\n", "|\n    a\n\n    b\n"), ("a\tb\n\tc\n", "|\n    a\tb\n    \tc\n"), ("\ta\n", "|4\n    \ta\n"),
        ("#!/bin/sh\nx: 1\n", "|\n    #!/bin/sh\n    x: 1\n"), ("a \nb\n", #""a \nb\n""# + "\n"),
        ("a\n ", #""a\n ""# + "\n"),
        ("a\r\nb\r\n", #""a\r\nb\r\n""# + "\n"), ("😀\n", #""\U0001F600\n""# + "\n"),
    ])
    func `writes text of several lines as a block`(_ text: String, _ expected: String) async throws {
        #expect(try await yaml(.string(text)) == expected)
    }

    @Test(
        arguments: [
            (["v": ["A", "B\nC"]], "v:\n    - A\n    - |-\n      B\n      C\n"),
            (["a": ["b": "x\ny\n"]], "a:\n    b: |\n        x\n        y\n"),
            (["a": [["b": "x\ny\n"]]], "a:\n    - b: |\n        x\n        y\n"),
            (["a": "x\n\n", "b": 1], "a: |+\n    x\n\nb: 1\n"),
            // A reader counts from the column of the collection, not by fours.
            ([" x\ny\n"], "- |2\n   x\n  y\n"), ([["\n"]], "- - |2+\n\n"), (["a": " x\ny"], "a: |4-\n     x\n    y\n"),
            ([["a": " x\ny\n"]], "- a: |2\n     x\n    y\n"), (["a": [["b": " x\n"]]], "a:\n    - b: |2\n         x\n"),
        ] as [(ExpressionValue, String)]
    )
    func `indents a block from where it stands`(_ value: ExpressionValue, _ expected: String) async throws {
        #expect(try await yaml(value) == expected)
    }
}

@Suite struct YAMLCollectionFunctionTests {
    @Test(
        arguments: [
            ([], "[]\n"), ([:], "{}\n"), (["a": [], "b": [:], "c": .null], "a: []\nb: {}\nc: null\n"),
            ([[], [:], [[]]], "- []\n- {}\n- - []\n"), (["a": ["b": ["c": 1]]], "a:\n    b:\n        c: 1\n"),
            (["v": ["A", 1, ["B": [2, 3]]]], "v:\n    - A\n    - 1\n    - B:\n        - 2\n        - 3\n"),
            (["a": ["b": [["c": 1, "d": 2]]]], "a:\n    b:\n        - c: 1\n          d: 2\n"),
            ([[1, [2]], [3]], "- - 1\n  - - 2\n- - 3\n"),
            ([["a": 1, "b": ["c": 2]], ["a": ["b": [1]]]], "- a: 1\n  b:\n    c: 2\n- a:\n    b:\n        - 1\n"),
            ([[["a": ["b": 1]]]], "- - a:\n        b: 1\n"),
            (.map(ExpressionMap(texts: ["b": "1", "a": ""])), "a: \"\"\nb: \"1\"\n"),
        ] as [(ExpressionValue, String)]
    )
    func `indents by four, and beside a dash by two`(_ value: ExpressionValue, _ expected: String) async throws {
        #expect(try await yaml(value) == expected)
    }

    @Test(
        arguments: [
            (["yes": 1], "\"yes\": 1\n"), (["": 1], "\"\": 1\n"), (["1": 1], "\"1\": 1\n"),
            (["a: b": 1], "'a: b': 1\n"),
            (["a b": 1], "a b: 1\n"), (["-": 1], "'-': 1\n"), (["<<": 1], "\"<<\": 1\n"),
            (["a\tb": 1], "\"a\\tb\": 1\n"),
            (["a\nb": 1], "? |-\n    a\n    b\n: 1\n"),
            (["a\nb": ["c": [1]]], "? |-\n    a\n    b\n:   c:\n        - 1\n"),
            (["a\nb": [1, 2]], "? |-\n    a\n    b\n:   - 1\n    - 2\n"),
            ([["a\nb": 1]], "- ? |-\n    a\n    b\n  : 1\n"),
            (["a\u{2028}b": 1], "? 'a\u{2028}    b'\n: 1\n"),
        ] as [(ExpressionValue, String)]
    )
    func `quotes keys as it quotes values`(_ value: ExpressionValue, _ expected: String) async throws {
        #expect(try await yaml(value) == expected)
    }

    @Test func `gives a long key lines of its own`() async throws {
        let (longest, longer) = (String(repeating: "k", count: 128), String(repeating: "é", count: 65))
        #expect(try await yaml([longest: 1]) == "\(longest): 1\n")
        #expect(try await yaml([longer: 1]) == "? \(longer)\n: 1\n")
        #expect(try await yaml([longest + " ": ["a"]]) == "? '\(longest) '\n:   - a\n")
    }

    @Test(arguments: [
        ["a1", "a2", "a10"], ["1", "2", "10"], ["a1", "a01", "a2", "a02"], ["a9", "a10", "a90", "a100"],
        ["B", "a", "b"], ["_x", "a"], ["", "1", "a"], ["a", "a-b", "a1", "aa"], ["v1.2", "v1.10", "v2.0"],
        ["a1b", "a1-", "a1.5"], ["x2y", "x10", "x10y", "x10-"], ["a-", "aé", "aω"], ["a100b", "a101"],
        ["a", "a\u{0}"], ["é", "你"],
    ])
    func `puts keys into natural order`(_ keys: [String]) async throws {
        for mixed in [keys.reversed(), Array(keys.sorted())] {
            let value = ExpressionValue.map(ExpressionMap(Dictionary(uniqueKeysWithValues: mixed.map { ($0, .null) })))
            let lines = try await yaml(value).split(separator: "\n")
            let expected = try await keys.asyncMap { try await yaml([$0: .null]).dropLast() }
            #expect(lines == expected)
        }
    }

    @Test(arguments: [
        (
            "fromPairs([[2, 'b'], [1.5, 'a'], ['x', 1], [nil, 0], [false, 'f']])",
            "false: f\n1.5: a\n2: b\nnull: 0\nx: 1\n"
        ),
        ("fromPairs([[1.0, 'float'], [1, 'int'], [true, 'bool']])", "true: bool\n1: int\n1: float\n"),
        ("fromPairs([['10', 1], ['9', 1], [10, 1]])", "10: 1\n\"9\": 1\n\"10\": 1\n"),
        (
            "fromPairs([[date('2024-01-02'), 1], [date('2023-01-02'), 2], ['z', 3]])",
            "z: 3\n2023-01-02T00:00:00Z: 2\n2024-01-02T00:00:00Z: 1\n"
        ),
        ("fromPairs([[duration('1h'), 1], [5, 2]])", "5: 2\n1h0m0s: 1\n"),
        ("fromPairs([[semverParse('10.0.0'), 1]])", "10.0.0: 1\n"),
        ("groupBy(['a', 'bb', 'cc'], len(#))", "1:\n    - a\n2:\n    - bb\n    - cc\n"),
        ("fromPairs([])", "{}\n"),
    ])
    func `writes keys of any kind`(_ expression: String, _ expected: String) async throws {
        #expect(try await yaml(of: expression) == expected)
    }

    @Test func `writes all fields of a structure, their names in lower case`() async throws {
        let image = ExpressionRecord(
            typeName: "unknown",
            fields: [
                ExpressionRecord.Field("RepoURL", jsonName: "repoURL", "example.com/a"),
                ExpressionRecord.Field("Tag", jsonName: nil, ""),
                ExpressionRecord.Field("Annotations", jsonName: nil, .map(ExpressionMap(texts: [:]))),
                ExpressionRecord.Field("SubscriptionName", jsonName: "subscriptionName", "yes"),
                ExpressionRecord.Field("CreatedAt", jsonName: "createdAt", .time(GoTime(secondsSince1970: 0))),
                ExpressionRecord.Field("Origin", jsonName: "origin", .null),
            ]
        )
        #expect(
            try await yaml([.record(image)]) == """
                - repourl: example.com/a
                  tag: ""
                  annotations: {}
                  subscriptionname: "yes"
                  createdat: "1970-01-01T00:00:00Z"
                  origin: null

                """
        )
    }
}

@Suite struct YAMLFunctionLimitTests {
    private func nested(_ levels: Int, _ value: ExpressionValue) -> ExpressionValue {
        (0..<levels).reduce(value) { value, _ in [value] }
    }

    @Test func `allows no deeper value than can be read`() async throws {
        #expect(try await yaml(nested(512, 1)).utf8.count == 2 * 512 + 2)
        for value in [nested(513, 1), ["a": nested(600, [:])]] {
            let error = await #expect(throws: ExpressionError.self) { try await yaml(value) }
            #expect(error?.code == .limit)
            #expect(error?.message.contains("deeper") == true)
        }
    }

    /// A level holds the one below it twice, and each line is far indented.
    @Test func `refuses what is small in memory and large as text`() async throws {
        let tree = (1...60).reduce(ExpressionValue.null) { value, _ in [value, value] }
        let lines = ExpressionValue.string(String(repeating: "a\n", count: 40_000))
        for value in [tree, lines] {
            let deep = nested(450, value)
            let error = await #expect(throws: ExpressionError.self) { try await yaml(deep) }
            #expect(error?.code == .limit)
            #expect(error?.message.contains("too large") == true)
        }
    }

    @Test func `refuses more bytes than it may write numbers`() async throws {
        let error = await #expect(throws: ExpressionError.self) {
            try await yaml(.bytes(Array(repeating: 1, count: 1_000_001)))
        }
        #expect(error?.code == .limit)
    }
}

@Suite struct YAMLFunctionPlaceTests {
    @Test func `can stand beside other text`() async throws {
        let environment = ExpressionEnvironment(variables: ["x": ["a": 1]])
        #expect(try await Template("x-${{ asYAML(x) }}").evaluate(in: environment) == "x-\"a: 1\n\"")
        #expect(try await Template("${{ asYAML(x) }}\n").evaluate(in: environment) == "a: 1\n\n")
        #expect(try await Template("${{ asYAML(x) + 'b' }}").evaluate(in: environment) == "\"a: 1\n\"b")
        #expect(
            try await Template.evaluate(["k": "${{ [1] | asYAML() }}"], in: environment) == ["k": "- 1\n"]
        )
    }
}

extension Array {
    fileprivate func asyncMap<Result>(_ transform: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await transform(element)) }
        return results
    }
}
