import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("Hosting: addresses of repositories")
struct RepositoryAddressTests {
    @Test(
        arguments: [
            ("https://github.com/acme/app", "https://github.com", ["acme", "app"]),
            ("https://user:pass@GitHub.com/acme/app.git/", "https://github.com", ["acme", "app"]),
            ("http://127.0.0.1:8080/acme/app.git", "http://127.0.0.1:8080", ["acme", "app"]),
            ("ssh://git@github.com:22/acme/app.git", "https://github.com", ["acme", "app"]),
            ("git@github.com:acme/app.git", "https://github.com", ["acme", "app"]),
            ("https://dev.azure.com/o/My%20Project/_git/r", "https://dev.azure.com", ["o", "My Project", "_git", "r"]),
            ("https://gitlab.com/a/b/c/d.git", "https://gitlab.com", ["a", "b", "c", "d"]),
        ]
    )
    func `are read`(text: String, origin: String, path: [String]) throws {
        let address = try RepositoryAddress(text)
        #expect(address.origin == origin)
        #expect(address.path == path)
    }

    @Test(arguments: [
        "", "nothing", "https://", "https://github.com", "https://github.com/", "https://github.com/.git",
    ])
    func `may be malformed`(text: String) {
        #expect(throws: ProviderRefusal.self) { try RepositoryAddress(text) }
    }

    @Test(
        arguments: [
            ("https://github.com/a/b", .github), ("https://github.example.com/a/b", .github),
            ("https://acme.ghe.com/a/b", .github), ("ssh://git@github.com/a/b", .github),
            ("https://gitlab.com/a/b", .gitlab), ("https://my-gitlab.test/a/b", .gitlab),
            ("https://gitea.com/a/b", .gitea), ("https://dev.azure.com/o/p/_git/r", .azure),
            ("https://o.visualstudio.com/p/_git/r", .azure), ("https://bitbucket.org/a/b", .bitbucket),
            ("https://sub.bitbucket.org/a/b", nil), ("https://git.example.com/a/b", nil), ("git@github.com:a/b", nil),
            ("https://example.com/github/gitlab", nil),
        ] as [(String, GitHosting?)]
    )
    func `show whose service it is`(text: String, hosting: GitHosting?) throws {
        #expect(GitHosting(of: try RepositoryAddress(text)) == hosting)
    }

    @Test(
        arguments: [
            ("https://github.com/a/b.git", nil, "https://github.com/a/b/commit/c1"),
            ("https://gitlab.com/a/b/c.git", nil, "https://gitlab.com/a/b/c/-/commit/c1"),
            ("https://gitea.com/a/b", nil, "https://gitea.com/a/b/commit/c1"),
            ("https://u@bitbucket.org/a/b.git", nil, "https://bitbucket.org/a/b/commits/c1"),
            ("https://dev.azure.com/o/p/_git/r", nil, "https://dev.azure.com/o/p/_git/r/commit/c1"),
            ("ssh://git@ssh.dev.azure.com/v3/o/p/r", nil, "https://dev.azure.com/o/p/_git/r/commit/c1"),
            ("https://git.test:8443/a/b", .gitlab, "https://git.test:8443/a/b/-/commit/c1"),
            ("git@git.test:a/b.git", .github, "https://git.test/a/b/commit/c1"),
            ("https://git.test/a/b", nil, nil), ("https://dev.azure.com/o/p", nil, nil), ("nothing", .github, nil),
        ] as [(String, GitHosting?, String?)]
    )
    func `lead to pages of commits`(text: String, hosting: GitHosting?, url: String?) {
        #expect(GitHosting.commitURL("c1", in: text, hosting: hosting) == url)
    }

    @Test(
        arguments: [
            ("https://dev.azure.com/o/p/_git/r", "https://dev.azure.com/o", "p", "r"),
            ("https://o@dev.azure.com/o/p/_git/r", "https://dev.azure.com/o", "p", "r"),
            ("https://dev.azure.com/o/_git/r", "https://dev.azure.com/o", "r", "r"),
            ("https://o.visualstudio.com/p/_git/r", "https://dev.azure.com/o", "p", "r"),
            ("https://o.visualstudio.com/DefaultCollection/p/_git/r", "https://dev.azure.com/o", "p", "r"),
            ("https://o.visualstudio.com/_git/r", "https://dev.azure.com/o", "r", "r"),
            ("git@ssh.dev.azure.com:v3/o/p/r", "https://dev.azure.com/o", "p", "r"),
            ("https://tfs.test/tfs/Collection/p/_git/r", "https://tfs.test/tfs/Collection", "p", "r"),
        ]
    )
    func `of Azure DevOps have many forms`(text: String, organization: String, project: String, name: String) throws {
        let repository = try AzureRepository(try RepositoryAddress(text))
        #expect(repository.organizationURL == organization)
        #expect(repository.project == project)
        #expect(repository.name == name)
    }

    @Test(arguments: [
        "https://dev.azure.com/_git/r", "https://dev.azure.com/o/p", "https://dev.azure.com/o/p/_git/r/x",
    ])
    func `of Azure DevOps may be malformed`(text: String) throws {
        let address = try RepositoryAddress(text)
        #expect(throws: ProviderRefusal.self) { try AzureRepository(address) }
    }

    @Test(
        arguments: [
            ("https://github.com/a/b", "https://api.github.com"),
            ("ssh://git@github.com/a/b", "https://api.github.com"),
            ("https://acme.ghe.com/a/b", "https://api.acme.ghe.com"),
            ("http://git.test:8080/a/b", "http://git.test:8080/api/v3"),
        ]
    )
    func `lead to the API of GitHub`(text: String, base: String) throws {
        let endpoint = try GitHubRepository.endpoint(try RepositoryAddress(text), token: "")
        #expect(endpoint.base.text == base)
        #expect(!endpoint.headers.contains { $0.name == "Authorization" })
    }
}
