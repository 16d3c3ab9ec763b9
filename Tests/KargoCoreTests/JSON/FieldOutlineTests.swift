import KargoCore
import Testing

@Suite("Reading parts of JSON")
struct FieldOutlineTests {
    private static let text = #"""
         { "kind" : "Stage", "metadata":{"name":"a\"}","managedFields":[{"f:a":{"f:\"]":{}}},"}"],"uid":"1"},
          "spec":{"shard":"x","steps":[1,{"a":[]}],"a\nb":1e2,"empty":{}} , "status":null}
        """#

    @Test(
        arguments: [
            ([], [:]),
            ([[]], nil),
            ([["kind"]], ["kind": "Stage"]),
            ([["metadata", "name"], ["spec", "shard"]], ["metadata": ["name": "a\"}"], "spec": ["shard": "x"]]),
            (
                [["spec", "steps"], ["spec"]],
                ["spec": ["shard": "x", "steps": [1, ["a": []]], "a\nb": 100.0, "empty": [:]]]
            ),
            (
                [["spec"], ["spec", "steps"]],
                ["spec": ["shard": "x", "steps": [1, ["a": []]], "a\nb": 100.0, "empty": [:]]]
            ),
            ([["spec", "a\nb"]], ["spec": ["a\nb": 100.0]]),
            // What has no members is read as it is.
            ([["kind", "inside"], ["status", "inside"]], ["kind": "Stage", "status": nil]),
            ([["spec", "empty", "inside"]], ["spec": ["empty": [:]]]),
            ([["absent", "inside"]], [:]),
        ] as [([[String]], JSONValue?)]
    )
    func `reads what an outline names`(paths: [[String]], expected: JSONValue?) throws {
        let bytes = Array(Self.text.utf8)
        let expected = try expected ?? JSONValue(parsing: bytes)
        #expect(try JSONValue(parsing: bytes, keeping: FieldOutline(paths)) == expected)
    }

    @Test func `leaves out who has written what`() throws {
        var expected = try JSONValue(parsing: Self.text)
        expected[path: "metadata", "managedFields"] = nil
        #expect(try JSONValue(parsing: Array(Self.text.utf8), keeping: .withoutManagers) == expected)
    }

    @Test(
        arguments: [
            (["metadata", "uid"], #""1""#), (["spec", "a\nb"], "1e2"), (["spec", "steps"], #"[1,{"a":[]}]"#),
            (["status"], "null"), (["spec", "empty"], "{}"), (["spec", "absent"], nil), (["kind", "inside"], nil),
            (["metadata", "managedFields", "f:a"], nil),
        ] as [([String], String?)]
    )
    func `finds the place of a member`(path: [String], expected: String?) throws {
        let bytes = Array(Self.text.utf8)
        let place = try JSONValue.place(of: path, in: bytes)
        #expect(place.map { String(decoding: bytes[$0], as: UTF8.self) } == expected)
    }

    @Test(arguments: [
        "", "{", "{\"a", "{\"a\\", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1", "{\"a\":[1", "{\"a\":tru}", "{\"a\":1]",
        "{} x",
        "{,}", "{\"a\":1,}",
    ])
    func `refuses what breaks off`(text: String) {
        let outline = FieldOutline([["a"]])
        #expect(throws: SyntaxError.self) { try JSONValue(parsing: Array(text.utf8), keeping: outline) }
    }
}
