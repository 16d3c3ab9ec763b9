import Testing

@testable import BuiltinSteps

@Suite("Ignore rules")
struct IgnoreRulesTests {
    @Test(
        arguments: [
            ("", ".git/", true), ("", ".git", true), ("", "a/.git", true), ("", "a", false), ("!.git/", ".git/", false),
            ("a", "a", true), ("a", "x/a", true), ("a", "a/b", true), ("a", "ab", false), ("/a", "a", true),
            ("/a", "x/a", false), ("a/b", "a/b", true), ("a/b", "x/a/b", false), ("a/", "a", false), ("a/", "a/", true),
            ("a/", "a/b", true), ("*.txt", "x.txt", true), ("*.txt", "d/x.txt", true), ("**/b", "a/c/b", true),
            ("**/b", "b", true), ("a/**", "a/x/y", true), ("a/**", "a", false), ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true), ("*\n!a", "a", false), ("*\n!a", "b", true), ("!a\n*", "a", true),
            ("# a", "# a", false), ("\\#a", "#a", true), ("\\!a", "!a", true), ("a  ", "a", true), ("a\\ ", "a ", true),
            ("a\r\nb", "a", true), ("[ab]", "b", true), ("[!ab]", "b", false), ("[[:digit:]]", "7", true),
            ("[[:nope:]]", "n", false), ("[", "[", false), ("?", "é", true), ("é*", "éa", true), ("/", "a", false),
            ("   ", "   ", false),
        ]
    )
    func `tell what to leave out`(rules: String, path: String, isIgnored: Bool) {
        let isDirectory = path.hasSuffix("/")
        let names = path.split(separator: "/").map(String.init)
        #expect(IgnoreRules(rules).ignores(names, isDirectory: isDirectory) == isIgnored)
    }

    @Test func `don't take long over many stars`() {
        let rules = IgnoreRules(String(repeating: "a*", count: 200) + "b")
        #expect(!rules.ignores([String(repeating: "a", count: 5_000)], isDirectory: false))
        let deep = IgnoreRules(Array(repeating: "**/a", count: 50).joined(separator: "/") + "/b")
        #expect(!deep.ignores(Array(repeating: "a", count: 200), isDirectory: false))
    }
}
