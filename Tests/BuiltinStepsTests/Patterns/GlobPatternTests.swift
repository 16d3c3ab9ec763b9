import Testing

@testable import BuiltinSteps

@Suite("Glob patterns")
struct GlobPatternTests {
    private func matches(_ pattern: String, _ path: String) throws -> Bool {
        var progress = GlobProgress(try GlobPattern(pattern))
        for name in path.split(separator: "/") { progress = progress.descending(to: String(name)) }
        return progress.isMatch(isDirectory: path.hasSuffix("/"))
    }

    @Test(
        arguments: [
            ("*", "a", true), ("*", "a/b", false), ("*", ".a", true), ("**", "a/b/c", true), ("**/c", "a/b/c", true),
            ("**/c", "c", true), ("a/**", "a/", true), ("a/**", "a", false), ("a/**/c", "a/c", true),
            ("a?", "ab", true),
            ("a?", "a", false), ("{a,b}", "b", true), ("{a,{b,c}}x", "cx", true), ("{a/b,c}", "a/b", true),
            ("{,a}b", "b", true), ("[a-c]", "b", true), ("[!a-c]", "b", false), ("[^a]", "b", true), ("\\*", "*", true),
            ("\\*", "a", false), ("[\\]]", "]", true), ("é?", "é😀", true), ("a/*/", "a/b/", true), ("a**", "abc", true),
            ("a//b", "a/b", false), ("../a", "a", false),
        ]
    )
    func `match as doublestar's do`(pattern: String, path: String, isMatch: Bool) throws {
        #expect(try matches(pattern, path) == isMatch)
    }

    @Test(arguments: ["[", "[a", "{a", "a}", "{a,{b}", "a\\", "[]", "[]a]", "[!]", "[a\\"])
    func `may be malformed`(pattern: String) {
        #expect(throws: GlobPattern.Malformed.self) { try GlobPattern(pattern) }
    }

    @Test func `may not have too many alternatives`() {
        #expect(throws: GlobPattern.Malformed.self) { try GlobPattern(String(repeating: "{a,b}", count: 40)) }
    }

    @Test func `don't take long`() throws {
        let pattern = Array(repeating: "**/*a*", count: 30).joined(separator: "/") + "/b"
        #expect(try !matches(pattern, Array(repeating: "aaaa", count: 200).joined(separator: "/")))
    }
}
