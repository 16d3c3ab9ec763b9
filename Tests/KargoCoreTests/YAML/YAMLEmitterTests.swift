import KargoCore
import Testing

@Suite("YAML emitter")
struct YAMLEmitterTests {
    @Test(arguments: [
        ("plain text", "plain text"),
        ("", "\"\""),
        ("yes", "\"yes\""),
        ("y", "\"y\""),
        ("No", "\"No\""),
        ("off", "\"off\""),
        ("null", "\"null\""),
        ("~", "\"~\""),
        ("0123", "\"0123\""),
        ("08", "\"08\""),
        ("1e3", "\"1e3\""),
        ("1_000", "\"1_000\""),
        ("0x1F", "\"0x1F\""),
        ("0o17", "\"0o17\""),
        ("-1", "\"-1\""),
        (".5", "\".5\""),
        ("5.", "\"5.\""),
        (".inf", "\".inf\""),
        ("<<", "\"<<\""),
        ("12:30:45", "\"12:30:45\""),
        ("12:75", "12:75"),
        ("2024-01-31", "\"2024-01-31\""),
        ("2023-02-29", "2023-02-29"),
        ("2024-01-31T10:00:00Z", "\"2024-01-31T10:00:00Z\""),
        ("1.2.3", "1.2.3"),
        ("v1", "v1"),
        ("1Gi", "1Gi"),
        ("- a", "'- a'"),
        ("-a", "-a"),
        ("-", "'-'"),
        ("a: b", "'a: b'"),
        ("a:b", "a:b"),
        ("a:", "'a:'"),
        ("a #b", "'a #b'"),
        ("a#b", "a#b"),
        ("#a", "'#a'"),
        ("*a", "'*a'"),
        ("{}", "'{}'"),
        ("[1]", "'[1]'"),
        ("@x", "'@x'"),
        ("it's", "it's"),
        ("'it'", "'''it'''"),
        ("\"it\"", "'\"it\"'"),
        (" a", "' a'"),
        ("a ", "'a '"),
        ("---", "'---'"),
        ("a\tb", "\"a\\tb\""),
        ("a\\b", "a\\b"),
        ("café", "café"),
        ("\u{1F600}", "\"\\U0001F600\""),
        ("\u{7}\u{1B}\u{85}\u{A0}x", "\"\\a\\e\\N\u{A0}x\""),
        ("\u{FEFF}", "\"\\uFEFF\""),
    ])
    func `writes a string so that it is read back as the same string`(text: String, yaml: String) throws {
        #expect(JSONValue.string(text).yaml() == yaml + "\n")
        #expect(try JSONValue(yaml: yaml) == .string(text))
    }

    @Test(arguments: [
        ("a\nb\n", "|\n  a\n  b\n"),
        ("a\nb", "|-\n  a\n  b\n"),
        ("a\n\n", "|+\n  a\n\n"),
        ("\n", "|2+\n\n"),
        ("  a\nb\n", "|2\n    a\n  b\n"),
        ("a\n  b\n", "|\n  a\n    b\n"),
        ("a \nb\n", "\"a \\nb\\n\"\n"),
        ("a\n ", "\"a\\n \"\n"),
        ("a\tb\nc\n", "\"a\\tb\\nc\\n\"\n"),
        ("a\r\nb\r\n", "\"a\\r\\nb\\r\\n\"\n"),
    ])
    func `writes text of several lines as a literal block where one can hold it`(text: String, yaml: String) throws {
        #expect(JSONValue.string(text).yaml() == yaml)
        #expect(try JSONValue(yaml: yaml) == .string(text))
    }

    @Test func `folds long scalars at the first space after 80 columns`() throws {
        let words = Array(repeating: "abcdefghi", count: 20).joined(separator: " ")
        let line = Array(repeating: "abcdefghi", count: 8).joined(separator: " ")
        let value: JSONValue = ["key": .string(words)]
        #expect(
            value.yaml() == """
                key: \(line)
                  \(line)
                  abcdefghi abcdefghi abcdefghi abcdefghi

                """
        )
        #expect(try JSONValue(yaml: value.yaml()) == value)
        for text in [words + " ", "\t" + words, words + ": x", " " + words] {
            #expect(try JSONValue(yaml: JSONValue.string(text).yaml()) == .string(text))
        }
    }

    @Test func `puts lists at the column of their key and maps two deeper`() {
        let value: JSONValue = [
            "list": [["a": 1, "b": [1, 2]], [[], [3]], [:], nil],
            "map": ["x": ["y": 1.5, "z": 2.0, "big": 1e21, "e": 1_234_567.5]],
            "empty": [],
        ]
        #expect(
            value.yaml() == """
                empty: []
                list:
                - a: 1
                  b:
                  - 1
                  - 2
                - - []
                  - - 3
                - {}
                - null
                map:
                  x:
                    big: 1e+21
                    e: 1.2345675e+06
                    "y": 1.5
                    z: 2

                """
        )
    }

    @Test func `orders keys naturally`() {
        let keys = ["a10", "a2", "b", "a", "B", "a-b", "aa", "1", "10", "2", "a01", "a1", "_x", "x100", "x20"]
        let value = JSONValue.object(Dictionary(uniqueKeysWithValues: keys.map { ($0, .null) }))
        let written = value.yaml().split(separator: "\n")
            .map {
                $0.prefix { $0 != ":" }.filter { $0 != "\"" }
            }
        #expect(
            written == ["_x", "1", "2", "10", "B", "a", "a-b", "a1", "a01", "a2", "a10", "aa", "b", "x20", "x100"]
        )
    }

    @Test func `writes a key that is too long or has a line break in the explicit form`() throws {
        let value = JSONValue.object(["a\nb": 1, String(repeating: "k", count: 129): ["x": [2]]])
        #expect(value.yaml().hasPrefix("? |-\n  a\n  b\n: 1\n? kkk"))
        #expect(try JSONValue(yaml: value.yaml()) == value)
    }
}
