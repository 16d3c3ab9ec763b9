import KargoTestSupport
import Testing

@testable import KargoCommands

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lets a file be run.
func makeExecutable(_ path: String) throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
}

@Suite("Finding kargo-controller")
struct ExecutableSearchTests {
    @Test func `looks beside this program first and then on the path`() async throws {
        try await ScopedDirectory.with { directory in
            for name in ["own/tool", "first/tool", "second/tool", "second/other"] {
                try directory.write("", to: name)
                try makeExecutable(directory.file(name))
            }
            try directory.write("", to: "own/other")
            try directory.write("", to: "first/other/file")
            let path = "\(directory.file("first"))::\(directory.file("second"))"
            let search = ExecutableSearch(ownExecutable: directory.file("own/kargo"), path: path)
            #expect(try search.find("tool") == directory.file("own/tool"))
            // Neither a file that can't be run nor a directory.
            #expect(try search.find("other") == directory.file("second/other"))
            #expect(try ExecutableSearch(ownExecutable: nil, path: path).find("tool") == directory.file("first/tool"))
            let error = #expect(throws: CommandError.self) { try search.find("absent") }
            #expect(
                error?.description.hasPrefix("absent is neither beside \(directory.path)/own/kargo nor on the PATH")
                    == true
            )
        }
    }

    @Test func `knows the file of this program`() {
        #expect(ExecutableSearch.current.ownExecutable?.hasPrefix("/") == true)
    }
}

@Suite("The end of a log")
struct LogTailTests {
    @Test(arguments: [("", nil), ("\n \n", nil), ("a\nb", "b"), ("a\nb\n\n  \n", "b"), ("a\r\n", "a")])
    func `is its last line that is not blank`(text: String, expected: String?) async throws {
        try await ScopedDirectory.with { directory in
            try directory.write(text, to: "log")
            #expect(LogTail.lastLine(of: directory.file("log")) == expected)
            #expect(LogTail.lastLine(of: directory.file("absent")) == nil)
        }
    }

    @Test func `is short even of an endless line`() async throws {
        try await ScopedDirectory.with { directory in
            try directory.write(String(repeating: "x", count: 100_000), to: "log")
            #expect(LogTail.lastLine(of: directory.file("log"))?.count == 500)
        }
    }
}
