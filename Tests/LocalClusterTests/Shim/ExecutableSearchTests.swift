import Testing

@testable import LocalCluster

struct ExecutableSearchTests {
    private let search = ExecutableSearch(
        path: "/a:/b::/c",
        isExecutable: { ["/b/tool", "/c/tool", "./here", "/b/python3", "/c/pip"].contains($0) }
    )

    @Test(arguments: [
        ("tool", "/b/tool"), ("here", "./here"), ("python", "/b/python3"), ("pip", "/c/pip"), ("none", nil),
        ("", nil),
    ])
    func `finds a command on the path`(name: String, file: String?) {
        #expect(search.find(name) == file)
    }

    @Test func `prefers python to python3`() {
        let search = ExecutableSearch(path: "/a:/b", isExecutable: { ["/a/python3", "/b/python"].contains($0) })
        #expect(search.find("python") == "/b/python")
    }

    @Test(arguments: [("/kargo-agent", "kargo-agent"), ("/usr/bin/python", "python"), ("x", "x"), ("/", "/")])
    func `takes the last component for the name`(command: String, name: String) {
        #expect(ExecutableSearch.name(of: command) == name)
    }
}
