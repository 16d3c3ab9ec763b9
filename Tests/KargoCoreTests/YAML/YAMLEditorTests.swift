import KargoCore
import Testing

@Suite("YAML editor")
struct YAMLEditorTests {
    private func edit(_ text: String, _ updates: (String, JSONValue)...) throws -> String {
        try YAMLEditor.apply(
            updates.map { YAMLEditor.Update(path: $0.0.split(separator: "/").map(String.init), value: $0.1) },
            to: text
        )
    }

    @Test(
        arguments: [
            ("image:\n  tag: v1\n", "image/tag", "v2", "image:\n  tag: v2\n"),
            ("a: 1 # why\nb: 2\n", "a", 10, "a: 10 # why\nb: 2\n"),
            ("a:   x   # why\n", "a", "w", "a:   w   # why\n"),
            ("a: 1", "a", 2, "a: 2"),
            ("- x\n- {k: v}\n", "1/k", "w", "- x\n- {k: w}\n"),
            ("a: [1, 2, 3]\n", "a/1", 20, "a: [1, 20, 3]\n"),
            ("é: ü\nb: 1\n", "é", "ö", "é: ö\nb: 1\n"),
            ("😀: x\nb: y\n", "b", "z", "😀: x\nb: z\n"),
            ("\u{FEFF}a: x\n", "a", "w", "\u{FEFF}a: w\n"),
            ("a: x\r\nb: y\r\n", "a", "longer", "a: longer\r\nb: y\r\n"),
            ("a: x\nb: y", "b", "z", "a: x\nb: z"),
            ("a: x\n---\na: x\n", "a", "w", "a: w\n---\na: x\n"),
            ("---\ntitle: x\n---\n# *Not* YAML: [\n", "title", "w", "---\ntitle: w\n---\n# *Not* YAML: [\n"),
            ("%YAML 1.1\n---\na: x\n...\nrest: [\n", "a", "w", "%YAML 1.1\n---\na: w\n...\nrest: [\n"),
            ("a: x\na: z\n", "a", "w", "a: w\na: z\n"),
            ("1: x\n", "1", "w", "1: w\n"),
            ("? a\n: x\n", "a", "w", "? a\n: w\n"),
        ] as [(String, String, JSONValue, String)]
    )
    func `replaces a scalar and nothing else`(
        text: String,
        path: String,
        value: JSONValue,
        result: String
    ) throws {
        #expect(try edit(text, (path, value)) == result)
    }

    @Test(
        arguments: [
            ("42", "\"42\""), ("1.10", "\"1.10\""), ("true", "\"true\""), ("no", "\"no\""), ("null", "\"null\""),
            ("~", "\"~\""), ("", "\"\""), ("1e3", "\"1e3\""), ("0x1F", "\"0x1F\""), ("T", "\"T\""), ("nan", "\"nan\""),
            ("2024-01-01", "\"2024-01-01\""), ("12:30:45", "\"12:30:45\""), ("a: b", "\"a: b\""), ("a #b", "\"a #b\""),
            ("# a", "\"# a\""), ("*a", "\"*a\""), ("&a", "\"&a\""), ("@a", "\"@a\""), ("%a", "\"%a\""),
            ("!a", "\"!a\""),
            ("- a", "\"- a\""), ("[1]", "\"[1]\""), ("{\"k\": 1}", "\"{\\\"k\\\": 1}\""), (" a", "\" a\""),
            ("a ", "\"a \""), ("a\nb", "\"a\\nb\""), ("a\tb", "\"a\\tb\""), ("---", "\"---\""), ("a:", "\"a:\""),
            ("😀", "\"😀\""), ("\u{85}", "\"\\u0085\""), ("\u{7F}", "\"\\x7f\""), ("<<", "\"<<\""),
            ("repo/image:v1", "repo/image:v1"), ("sha256:abc", "sha256:abc"), ("v1.2.3", "v1.2.3"), ("a,b", "a,b"),
            ("it's", "it's"), ("ümlaut", "ümlaut"), ("-a", "-a"), ("a#b", "a#b"), ("http://x/y?z=1", "http://x/y?z=1"),
        ]
    )
    func `quotes what would be read as something else`(value: String, written: String) throws {
        let result = try edit("k: old # c\n", ("k", .string(value)))
        #expect(result == "k: \(written) # c\n")
        #expect(try JSONValue(yaml: result) == ["k": .string(value)])
        #expect(YAMLEditor.scalarText(of: .string(value)) == written)
    }

    @Test(
        arguments: [
            (true, "true"), (false, "false"), (nil, "null"), (1_000_000, "1000000"), (8080.0, "8080"), (1.5, "1.5"),
            (1e21, "1e+21"), (-1, "-1"),
        ] as [(JSONValue, String)]
    )
    func `writes numbers as JSON does`(value: JSONValue, written: String) throws {
        #expect(try edit("k: 'old'\n", ("k", value)) == "k: \(written)\n")
        #expect(YAMLEditor.scalarText(of: value) == written)
    }

    @Test(
        arguments: [
            ("a: 'x'\n", "y", "a: 'y'\n"),
            ("a: 'x'\n", "it's", "a: 'it''s'\n"),
            ("a: 'x'\n", "1\n2", "a: \"1\\n2\"\n"),
            ("a: \"x\"\n", "y", "a: \"y\"\n"),
            ("a: \"x\"\n", 5, "a: 5\n"),
            ("{a: x}\n", "y", "{a: \"y\"}\n"),
            ("{\"a\":\"x\"}\n", "y", "{\"a\":\"y\"}\n"),
            ("{\"a\": 1}\n", "y", "{\"a\": \"y\"}\n"),
        ] as [(String, JSONValue, String)]
    )
    func `keeps the quotes of a string`(text: String, value: JSONValue, result: String) throws {
        #expect(try edit(text, ("a", value)) == result)
    }

    @Test(arguments: ["a,b", "a:b", "[x", "a?"])
    func `quotes more between braces`(value: String) throws {
        #expect(try edit("k: {a: x, b: y}\n", ("k/a", .string(value))) == "k: {a: \"\(value)\", b: y}\n")
    }

    @Test(
        arguments: [
            ("a: &x 1\nb: *x\n", 2, "a: &x 2\nb: *x\n"),
            ("a: !!str 1\n", "2", "a: !!str \"2\"\n"),
            ("a: !!str 1\n", 2, "a: 2\n"),
            ("a: !!int &x 1 # c\n", "w", "a: &x w # c\n"),
            ("a: &x !!int 1\n", true, "a: &x true\n"),
            ("a: !Ref x\n", "w", "a: !Ref w\n"),
            ("a: !!null\nb: 1\n", "w", "a: w\nb: 1\n"),
            ("a: !local\nb: 1\n", "w", "a: !local w\nb: 1\n"),
            ("a: &x\n  # c\n  1\n", 2, "a: &x\n  # c\n  2\n"),
            ("a: ! 1\n", 2, "a: 2\n"),
        ] as [(String, JSONValue, String)]
    )
    func `keeps anchors, and tags that are still true`(text: String, value: JSONValue, result: String) throws {
        #expect(try edit(text, ("a", value)) == result)
    }

    @Test(
        arguments: [
            ("a:\nb: 1\n", "a: x\nb: 1\n"),
            ("a: # c\nb: 1\n", "a: x # c\nb: 1\n"),
            ("a:", "a: x"),
            ("{a: , b: 1}\n", "{a: \"x\", b: 1}\n"),
            ("a: &y\nb: 1\n", "a: &y x\nb: 1\n"),
        ]
    )
    func `fills in a value that is empty`(text: String, result: String) throws {
        #expect(try edit(text, ("a", "x")) == result)
    }

    @Test(
        arguments: [
            ("a: |\n  one\n  two\nb: 1\n", "x", "a: x\nb: 1\n"),
            ("a: >-  # note\n  one\n\n  two\n\n# c\nb: 1\n", "x", "a: x  # note\n\n# c\nb: 1\n"),
            ("a: |\r\n  one\r\nb: 1\r\n", "x", "a: x\r\nb: 1\r\n"),
            ("a: |\n  one", "x", "a: x\n"),
            ("a: |2\n   one\n", "x\ny", "a: \"x\\ny\"\n"),
            ("a: |\n  one\n  two\n\nb: 1\n", "x\n\ny\n", "a: |\n  x\n\n  y\n\nb: 1\n"),
            ("a: |\r\n    one\r\nb: 1\r\n", "x\ny", "a: |-\r\n    x\r\n    y\r\nb: 1\r\n"),
            ("a: |\n  one\n", "x\n\n", "a: \"x\\n\\n\"\n"),
            ("a: |\n  one\n", " x\ny", "a: \" x\\ny\"\n"),
            ("a: >\n  one\n", "x\ny", "a: \"x\\ny\"\n"),
            ("a: |\n  one\n", "x\r\ny", "a: \"x\\r\\ny\"\n"),
            ("a: one\n  two\n  three # c\nb: 1\n", "x", "a: x # c\nb: 1\n"),
            ("a: 'one\n  two'\nb: 1\n", "x", "a: 'x'\nb: 1\n"),
        ] as [(String, JSONValue, String)]
    )
    func `replaces scalars of several lines whole`(text: String, value: JSONValue, result: String) throws {
        #expect(try edit(text, ("a", value)) == result)
    }

    @Test func `makes several changes in one line`() throws {
        let result = try edit("m: {a: 1, b: 22, c: 3} # c\n", ("m/c", 33), ("m/a", "x"), ("m/b", 2))
        #expect(result == "m: {a: x, b: 2, c: 33} # c\n")
    }

    @Test func `lets the last of two changes to one scalar count`() throws {
        #expect(try edit("a: [1]\n", ("a/0", 2), ("a/+0", 3)) == "a: [3]\n")
    }

    @Test(
        arguments: [
            ("a: 1\n", "b"), ("a: 1\n", "a/b"), ("a: {b: 1}\n", "a"), ("a: [1]\n", "a"), ("a: [1]\n", "a/1"),
            ("a: [1]\n", "a/-1"), ("a: [1]\n", "a/x"), ("a: &x {k: 1}\nb: *x\n", "b/k"), ("a: &x 1\nb: *x\n", "b"),
            ("", "a"), ("# nothing\n", "a"), ("---\n---\na: 1\n", "a"), ("{a}\n", "a"), ("? a\n? b\n", "a"),
        ]
    )
    func `refuses paths that name no scalar`(text: String, path: String) {
        let error = #expect(throws: YAMLEditor.Failure.self) { try edit(text, (path, "x")) }
        guard case .update(let failed, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(failed.joined(separator: "/") == path)
    }

    @Test(arguments: ["a: [", "a:\n\tb: 1\n", "a: *x\n", String(repeating: "[", count: 10_000)])
    func `refuses what is not YAML`(text: String) {
        let error = #expect(throws: YAMLEditor.Failure.self) { try edit(text, ("a", "x")) }
        guard case .syntax = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `copes with a large text`() throws {
        let head = "k: old\n"
        let rest = (0..<20_000).map { "key\($0): 'wert für \($0)' # c\n" }.joined()
        #expect(try edit(head + rest, ("k", "new"), ("key19999", 1)).hasPrefix("k: new\nkey0: 'wert für 0' # c\n"))
    }
}
