import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("github-push: commits that GitHub makes anew")
struct GitHubReplayTests {
    private typealias Commit = BuiltinSteps.GitCommit

    private let signature = Commit.Signature(name: "Me", email: "me@example.com", date: "2026-01-01T00:00:00+01:00")

    private func commit(
        _ id: String,
        _ parents: [String] = ["p"],
        _ trust: Commit.Trust,
        signer: String = ""
    ) -> Commit {
        var committer = signature
        committer.name = "Committer"
        return Commit(
            id: id,
            tree: "t-\(id)",
            parents: parents,
            trust: trust,
            author: signature,
            committer: committer,
            signer: signer,
            message: "title\n\nbody\n"
        )
    }

    @Test(
        arguments: [
            (.trusted, "Me <me@example.com>", false, false, false),
            (.trusted, "Kargo <k@example.com>", false, false, true),
            (.unsigned, "", false, true, false), (.untrusted, "X <x@example.com>", false, true, false),
            (.unsigned, "", true, false, true), (.trusted, "Me <me@example.com>", true, false, false),
        ] as [(BuiltinSteps.GitCommit.Trust, String, Bool, Bool, Bool)]
    )
    func `keep their author or are signed`(
        trust: BuiltinSteps.GitCommit.Trust,
        signer: String,
        verifiesUntrusted: Bool,
        hasAuthor: Bool,
        hasTrailer: Bool
    ) {
        let replay = GitHubReplay(commits: [], verifiesUntrusted: verifiesUntrusted)
        let fields = replay.fields(of: commit("a", ["p"], trust, signer: signer), after: [:])
        let json: JSONValue = ["name": "Me", "email": "me@example.com", "date": "2026-01-01T00:00:00+01:00"]
        #expect(fields["author"] == (hasAuthor ? .some(json) : .none))
        #expect((fields["committer"] != nil) == hasAuthor)
        let message = "title\n\nbody" + (hasTrailer ? "\n\nCo-authored-by: Me <me@example.com>" : "")
        #expect(fields["message"]?.stringValue == message)
        #expect(fields["tree"] == "t-a")
    }

    @Test func `have the parents that were made anew`() {
        let replay = GitHubReplay(commits: [], verifiesUntrusted: false)
        let made = ["a": "A", "b": "B"]
        let parents = { (parents: [String]) in
            replay.fields(of: commit("c", parents, .unsigned), after: made)["parents"]
        }
        #expect(parents(["a"]) == ["A"])
        #expect(parents(["b", "a"]) == ["B", "A"])
        #expect(parents(["base", "b"]) == ["base", "B"])
        #expect(parents([]) == [])
    }

    @Test(
        arguments: [
            ([:], 10, false), (["GITHUB_PUSH_MAX_REVISIONS": "3"], 3, false),
            (["GITHUB_PUSH_VERIFY_UNTRUSTED_COMMITS": "true"], 10, true),
            (["GITHUB_PUSH_MAX_REVISIONS": "", "GITHUB_PUSH_VERIFY_UNTRUSTED_COMMITS": "0"], 10, false),
        ]
    )
    func `follow the operator's rules`(environment: [String: String], most: Int, verifies: Bool) throws {
        let rules = try GitHubPushRules(environment: environment)
        #expect(rules.mostCommits == most && rules.verifiesUntrusted == verifies)
    }

    @Test(arguments: ["GITHUB_PUSH_MAX_REVISIONS", "GITHUB_PUSH_VERIFY_UNTRUSTED_COMMITS"])
    func `do not guess rules`(name: String) {
        #expect(throws: GitError.self) { try GitHubPushRules(environment: [name: "many"]) }
    }
}
