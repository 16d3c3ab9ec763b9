import KargoCore
import Testing

@Suite("YAML parser")
struct YAMLParserTests {
    @Test(
        arguments: [
            ("a: 1", ["a": 1]),
            ("a: 1.0", ["a": 1.0]),
            ("a: 0777", ["a": 511]),
            ("a: 08", ["a": 8.0]),
            ("a: yes", ["a": true]),
            ("a: 'yes'", ["a": "yes"]),
            ("a: ~\nb:", ["a": nil, "b": nil]),
            ("1: a\ny: b\n1.5: c", ["1": "a", "true": "b", "1.5": "c"]),
            ("a: 2024-01-01", ["a": "2024-01-01"]),
            ("a: !!str 5", ["a": "5"]),
            ("a: !!float 5", ["a": 5.0]),
            ("a: !!binary aGkh", ["a": "hi!"]),
            ("a: !custom 5", ["a": "5"]),
            ("a: &x [1, 2]\nb: *x", ["a": [1, 2], "b": [1, 2]]),
            ("base: &b {p: 1, q: 2}\nc:\n  <<: *b\n  q: 3", ["base": ["p": 1, "q": 2], "c": ["p": 1, "q": 3]]),
            (
                "a: &a {p: 1}\nb: &b {p: 2, q: 2}\nc:\n  q: 9\n  <<: [*a, *b]",
                ["a": ["p": 1], "b": ["p": 2, "q": 2], "c": ["p": 1, "q": 9]]
            ),
            ("{\"a\": [1, {\"b\": null}], \"c\": \"\\u00e9\"}", ["a": [1, ["b": nil]], "c": "é"]),
            ("", nil),
            ("# only a comment", nil),
        ] as [(String, JSONValue)]
    )
    func `reads scalars, anchors and merge keys as Kubernetes' tools do`(yaml: String, value: JSONValue) throws {
        #expect(try JSONValue(yaml: yaml) == value)
    }

    @Test(arguments: [
        ("a: [1", 2, 1),
        ("a: 1\na: 2", 2, 1),
        ("a: *missing", 1, 4),
        ("a: &x [*x]", 1, 8),
        ("a: .inf", 1, 4),
        ("~: 1", 1, 1),
        ("? [1]\n: 2", 1, 3),
        ("a: 1\n---\nb: 2", 3, 1),
        ("a: !!int x", 1, 4),
        ("<<: 5", 1, 5),
        ("a: \"\u{1}\"", 1, 1),
    ])
    func `says where a text can't be read`(yaml: String, line: Int, column: Int) {
        let error = #expect(throws: SyntaxError.self) { try JSONValue(yaml: yaml) }
        #expect(error.map { [$0.line, $0.column] } == [line, column])
    }

    @Test func `keeps the last of two equal keys where that is asked for`() throws {
        #expect(try JSONValue(yaml: "a: 1\na: 2", duplicateKeys: .lastWins) == ["a": 2])
    }

    @Test func `reads several documents and leaves out empty ones`() throws {
        #expect(try JSONValue.documents(inYAML: "---\na: 1\n---\n---\n# nothing\n---\nb\n...\n") == [["a": 1], "b"])
    }

    @Test func `refuses aliases that multiply`() {
        var yaml = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let error = #expect(throws: SyntaxError.self) { try JSONValue(yaml: yaml) }
        #expect(error?.message.contains("aliases") == true)
    }

    @Test func `refuses nesting that would exhaust the stack`() {
        for depth in [600, 100_000] {
            #expect(throws: SyntaxError.self) { try JSONValue(yaml: String(repeating: "[", count: depth)) }
        }
    }

    @Test func `marks where scalars stand, in characters`() throws {
        let nodes = try YAMLNode.documents(in: "é: 'x'\nb: &q 12 # c\n")
        guard case .mapping(let entries) = nodes[0].content else {
            Issue.record("not a mapping")
            return
        }
        let start = entries[0].value.start
        #expect([start.index, start.line, start.column] == [3, 1, 4])
        #expect(entries[0].value.end.index == 6)
        #expect(entries[1].value.isAnchored)
        #expect(entries[1].value.end.index == 15)
    }
}
