import KargoCore
import Testing

@Suite("JSON merge patch")
struct JSONMergePatchTests {
    // The cases of RFC 7386, appendix A.
    @Test(
        arguments: [
            (["a": "b"], ["a": "c"], ["a": "c"]),
            (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
            (["a": "b"], ["a": nil], [:]),
            (["a": "b", "b": "c"], ["a": nil], ["b": "c"]),
            (["a": ["b"]], ["a": "c"], ["a": "c"]),
            (["a": "c"], ["a": ["b"]], ["a": ["b"]]),
            (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
            (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]),
            (["a", "b"], ["c", "d"], ["c", "d"]),
            (["a": "b"], ["c"], ["c"]),
            (["a": "foo"], nil, nil),
            (["a": "foo"], "bar", "bar"),
            (["e": nil], ["a": 1], ["e": nil, "a": 1]),
            ([1, 2], ["a": "b", "c": nil], ["a": "b"]),
            ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
        ] as [(JSONValue, JSONValue, JSONValue)]
    )
    func `merges members and replaces the rest`(original: JSONValue, patch: JSONValue, result: JSONValue) {
        #expect(original.applying(mergePatch: patch) == result)
    }

    @Test func `makes the smallest patch between two values`() {
        let old: JSONValue = ["same": [1, 2], "gone": 1, "deep": ["x": 1, "y": 2], "list": [1]]
        let new: JSONValue = ["same": [1, 2], "deep": ["x": 1, "y": 3, "z": [:]], "list": [1, 2], "new": "n"]
        let patch = old.mergePatch(to: new)
        #expect(patch == ["gone": nil, "deep": ["y": 3, "z": [:]], "list": [1, 2], "new": "n"])
        #expect(old.applying(mergePatch: patch) == new)
        #expect(old.mergePatch(to: old) == [:])
    }

    @Test func `reads and writes members by path`() {
        var value: JSONValue = ["a": ["b": 1]]
        value[path: "a", "c", "d"] = 2
        #expect(value == ["a": ["b": 1, "c": ["d": 2]]])
        value[path: "a", "x", "y"] = nil
        value[path: "a", "b"] = nil
        #expect(value == ["a": ["c": ["d": 2]]])
        #expect(value[path: "a", "c", "d"] == 2)
        #expect(value[path: "a", "nope", "d"] == nil)
    }
}
