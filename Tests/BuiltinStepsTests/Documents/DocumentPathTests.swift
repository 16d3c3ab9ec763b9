import Testing

@testable import BuiltinSteps

@Suite("Document paths")
struct DocumentPathTests {
    @Test(
        arguments: [
            ("a", ["a"]), ("a.b.c", ["a", "b", "c"]), ("a\\.b.c", ["a.b", "c"]), ("a\\:b", ["a:b"]),
            (":1.a", ["1", "a"]),
            (" a.b\n", ["a", "b"]), ("é.😀", ["é", "😀"]), ("a b.c", ["a b", "c"]), ("list.0", ["list", "0"]),
        ]
    )
    func `have parts`(text: String, parts: [String]) throws {
        #expect(try DocumentPath(text).parts == parts)
    }

    @Test(arguments: ["", "  ", ".", "a.", ".a", "a..b", "a:b", "a\\", "a\\b", "a\\\\b", ":"])
    func `may be malformed`(text: String) {
        #expect(throws: DocumentPath.Malformed.self) { try DocumentPath(text) }
    }
}
