import Testing

@testable import BuiltinSteps

@Suite("addresses in kustomizations")
struct RemoteReferenceTests {
    @Test(
        arguments: [
            ("https://github.com/org/repo", "https://github.com/org/repo", nil, ""),
            ("https://github.com/org/repo/a/b?ref=v1", "https://github.com/org/repo", "v1", "a/b"),
            ("https://github.com/org/repo//a/b?version=v1", "https://github.com/org/repo", "v1", "a/b"),
            ("https://host/a/b/c.git/d?ref=x%2Fy", "https://host/a/b/c.git", "x/y", "d"),
            ("https://host/a/b/c.git//d", "https://host/a/b/c.git", nil, "d"),
            ("https://host/a/b/c//d", "https://host/a/b/c", nil, "d"),
            ("git::https://host/a/b/c.git", "https://host/a/b/c.git", nil, ""),
            ("https://dev.azure.com/org/project/_git/repo/a", "https://dev.azure.com/org/project/_git/repo", nil, "a"),
            ("github.com/org/repo/a", "https://github.com/org/repo", nil, "a"),
            ("git@github.com:org/repo/a", "ssh://git@github.com/org/repo", nil, "a"),
            ("git@host:org/repo.git//a?ref=v1", "ssh://git@host/org/repo.git", "v1", "a"),
            ("ssh://git@host:22/org/repo//a", "ssh://git@host:22/org/repo", nil, "a"),
        ] as [(String, String, String?, String)]
    )
    func `finds the repository`(text: String, repository: String, revision: String?, path: String) throws {
        let reference = try #require(try RemoteReference(text))
        #expect(reference.repository == repository)
        #expect(reference.revision == revision)
        #expect(reference.path == path)
    }

    @Test(arguments: ["a", "../a", "a/b.yaml", "user@", "a b@c:d", "-o@host:x", "C:\\a"])
    func `leaves paths alone`(text: String) throws { #expect(try RemoteReference(text) == nil) }

    @Test(
        arguments: [
            "file:///srv/repo", "ftp://host/a/b", "https://", "https:///a", "https://host/", "https://-x/a/b",
            "https://host/a/b?ref=-x",
        ]
    )
    func `refuses other schemes, and names without a repository`(text: String) {
        #expect(throws: KustomizationProblem.self) { try RemoteReference(text) }
    }

    @Test func `may be a file where nothing says repository`() throws {
        #expect(try RemoteReference("https://host/a/b/c.yaml")?.file != nil)
        for text in ["https://host/a/b?ref=v1", "https://host/a/b.git", "https://host/a//b", "git@host:a/b"] {
            #expect(try RemoteReference(text)?.file == nil)
        }
    }
}
