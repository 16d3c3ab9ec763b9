import Testing

@testable import LocalCluster

struct ProcessEntryTests {
    @Test(arguments: ["sh", "a b", "x) S 1 (y", ""])
    func `reads the kernel's line whatever the name`(name: String) throws {
        let line = "42 (\(name)) S 7 42 41 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654 2 3\n"
        let entry = try #require(ProcessEntry(stat: line))
        #expect(entry.identity == ProcessIdentity(pid: 42, startTime: 987_654))
        #expect(entry.parent == 7)
        #expect(entry.session == 41)
        #expect(!entry.hasEnded)
    }

    @Test func `tells a process that has ended`() throws {
        let line = "42 (sh) Z 7 42 41 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 9 2 3"
        #expect(try #require(ProcessEntry(stat: line)).hasEnded)
    }

    @Test(arguments: ["", "42", "42 (sh", "x (sh) S 1", ")42(", "42 (sh) S 7 42"])
    func `takes nothing else for a process`(line: String) {
        #expect(ProcessEntry(stat: line) == nil)
    }
}
