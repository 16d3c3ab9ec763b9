import KargoCore
import KargoTestSupport
import Testing

@testable import BuiltinSteps

@Suite("Hosting: pull requests")
struct GitProviderTests {
    private let filter = PullRequestFilter(
        sourceBranch: "feature/x",
        targetBranch: "main",
        commit: FakePulls.commit("1")
    )

    private func with<Fake: FakeHosting>(
        _ type: Fake.Type,
        _ body: (FakePulls, any GitProvider, HostingBench<Fake>) async throws -> Void
    ) async throws {
        try await HostingBench<Fake>
            .with { hosting async throws in
                try await hosting.withProvider { try await body(hosting.fake.pulls, $0, hosting) }
            }
    }

    private func opens(_ type: (some FakeHosting).Type) async throws {
        try await with(type) { pulls, provider, _ async throws in
            let request = NewPullRequest(
                title: "T",
                description: "D\nü",
                sourceBranch: "feature/x",
                targetBranch: "main",
                labels: ["kargo", "release"]
            )
            let pull = try await provider.createPullRequest(request)
            #expect(pull.isOpen && !pull.isMerged && pull.mergeCommit == nil)
            #expect(pull.url.hasSuffix("\(pull.number)"))
            let made = try #require(pulls[pull.number])
            #expect(made.title == "T" && made.body == "D\nü" && made.source == "feature/x" && made.target == "main")
            #expect(made.labels == (type.hosting == .bitbucket ? [] : ["kargo", "release"]))
            #expect(try await provider.pullRequest(pull.number) == pull)
            await #expect(throws: APIFailure.self) { try await provider.createPullRequest(request) }
        }
    }

    @Test(arguments: GitHosting.allCases)
    func `are opened`(hosting: GitHosting) async throws { try await opens(hosting.fake) }

    private func finds(_ type: (some FakeHosting).Type) async throws {
        try await with(type) { pulls, provider, _ async throws in
            pulls.add { $0.state = .closed }
            pulls.add { $0.state = .merged }
            pulls.add { $0.isOfFork = true }
            pulls.add(into: "other")
            pulls.add("other")
            pulls.add { $0.head = FakePulls.commit("2") }
            let found = try await provider.openPullRequests(filter)
            #expect(found.map(\.number) == (type.hosting == .gitlab || type.hosting == .azure ? [3] : []))
            let wanted = pulls.add()
            #expect(try await provider.openPullRequests(filter).map(\.number).contains(wanted.number))
        }
    }

    @Test(arguments: GitHosting.allCases)
    func `are found by branches and commit`(hosting: GitHosting) async throws { try await finds(hosting.fake) }

    private func pages(_ type: (some FakeHosting).Type) async throws {
        try await with(type) { pulls, provider, hosting async throws in
            let wanted = pulls.add()
            for _ in 0..<205 { pulls.add { $0.head = FakePulls.commit("2") } }
            pulls.setPageSize(100)
            #expect(try await provider.openPullRequests(filter).map(\.number) == [wanted.number])
            #expect(hosting.server.requests.count > 2)
        }
    }

    @Test(arguments: GitHosting.allCases)
    func `are found on later pages`(hosting: GitHosting) async throws { try await pages(hosting.fake) }

    private func merges(_ type: (some FakeHosting).Type, _ method: String?, _ expected: String?) async throws {
        try await with(type) { pulls, provider, _ async throws in
            let number = pulls.add().number
            let outcome = try await provider.mergePullRequest(number, method: method)
            guard case .merged(let pull) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(pull.isMerged && !pull.isOpen && pull.mergeCommit == FakePulls.commit("9"))
            #expect(pulls[number]?.method == expected)
            #expect(try await provider.mergePullRequest(number, method: method) == .merged(pull))
        }
    }

    @Test(
        arguments: [
            (.azure, nil, nil), (.azure, "rebaseMerge", "rebaseMerge"), (.bitbucket, nil, nil),
            (.bitbucket, "fast_forward", "fast_forward"), (.gitea, nil, "merge"), (.gitea, "squash", "squash"),
            (.github, nil, nil), (.github, "rebase", "rebase"), (.gitlab, nil, nil), (.gitlab, "merge", "squash false"),
            (.gitlab, "squash", "squash true"),
        ] as [(GitHosting, String?, String?)]
    )
    func `are merged, and stay so`(hosting: GitHosting, method: String?, expected: String?) async throws {
        try await merges(hosting.fake, method, expected)
    }

    private func refuses(_ type: (some FakeHosting).Type) async throws {
        try await with(type) { pulls, provider, _ async throws in
            let closed = pulls.add { $0.state = .closed }.number
            await #expect(throws: ProviderRefusal.self) { try await provider.mergePullRequest(closed, method: nil) }
            let open = pulls.add().number
            await #expect(throws: ProviderRefusal.self) { try await provider.mergePullRequest(open, method: "octopus") }
            await #expect(throws: APIFailure.self) { try await provider.mergePullRequest(99, method: nil) }
            #expect(pulls[open]?.state == .open)
        }
    }

    @Test(arguments: GitHosting.allCases)
    func `are not merged when closed, unknown or in an unknown way`(hosting: GitHosting) async throws {
        try await refuses(hosting.fake)
    }

    private func waits(_ type: (some FakeHosting).Type, _ readiness: FakePulls.Readiness) async throws {
        try await with(type) { pulls, provider, _ async throws in
            let number = pulls.add { $0.readiness = readiness }.number
            switch (type.hosting, readiness) {
            case (_, .ready):
                guard case .merged = try await provider.mergePullRequest(number, method: nil) else {
                    Issue.record("not merged")
                    return
                }
            case (.bitbucket, .unknown), (.bitbucket, .conflict), (.bitbucket, .blocked):
                await #expect(throws: APIFailure.self) { try await provider.mergePullRequest(number, method: nil) }
            case (.github, .conflict):
                await #expect(throws: ProviderRefusal.self) { try await provider.mergePullRequest(number, method: nil) }
            default:
                guard case .notReady(let reason) = try await provider.mergePullRequest(number, method: nil) else {
                    Issue.record("merged")
                    return
                }
                #expect(!reason.isEmpty)
            }
        }
    }

    @Test(arguments: GitHosting.allCases, FakePulls.Readiness.allCases)
    func `are merged once that is possible`(hosting: GitHosting, readiness: FakePulls.Readiness) async throws {
        try await waits(hosting.fake, readiness)
    }

    @Test(
        arguments: [
            (.github, 405, "Base branch was modified. Review and try the merge again.", true),
            (.github, 405, "Pull Request is not mergeable", true),
            (.github, 405, "Squash merges are not allowed on this repository.", false),
            (.github, 405, "Something else", false), (.github, 409, "Head branch was modified", true),
            (.github, 403, "Resource not accessible by integration", false), (.github, 422, "Validation Failed", false),
            (.gitlab, 405, "405 Method Not Allowed", true), (.gitlab, 409, "SHA does not match HEAD", true),
            (.gitlab, 422, "Branch cannot be merged", true), (.gitlab, 401, "401 Unauthorized", false),
            (.gitea, 405, "Please try again later", true), (.gitea, 409, "conflict", true), (.gitea, 404, "no", false),
            (.azure, 409, "TF401192", true), (.azure, 403, "no", false), (.bitbucket, 409, "conflict", false),
        ] as [(GitHosting, Int, String, Bool)]
    )
    func `may be refused for a while`(hosting: GitHosting, status: Int, message: String, isTemporary: Bool) async throws
    {
        try await answersMerge(hosting.fake, status, message, isTemporary)
    }

    private func answersMerge(
        _ type: (some FakeHosting).Type,
        _ status: Int,
        _ message: String,
        _ isTemporary: Bool
    ) async throws {
        try await with(type) { pulls, provider, _ async throws in
            let number = pulls.add().number
            let body = (["message": .string(message)] as JSONValue).text()
            let (method, suffix) =
                switch type.hosting {
                case .azure: ("PATCH", "/\(number)")
                case .bitbucket, .gitea: ("POST", "/merge")
                case .github, .gitlab: ("PUT", "/merge")
                }
            pulls.surprise(method, suffix, status, body)
            if isTemporary {
                guard case .notReady = try await provider.mergePullRequest(number, method: nil) else {
                    Issue.record("merged")
                    return
                }
                guard case .merged = try await provider.mergePullRequest(number, method: nil) else {
                    Issue.record("not merged")
                    return
                }
            } else {
                let failure = await #expect(throws: APIFailure.self) {
                    try await provider.mergePullRequest(number, method: nil)
                }
                #expect(failure?.isTransient == false)
            }
        }
    }

    private func looks<Fake: FakeHosting>(_ type: Fake.Type, _ count: Int) async throws {
        try await HostingBench<Fake>
            .with { hosting async throws in
                let clock = ManualClock()
                let pulls = hosting.fake.pulls
                pulls.setMergeLooks(count)
                let number = pulls.add().number
                async let outcome = hosting.withProvider(clock: clock) {
                    try await $0.mergePullRequest(number, method: nil)
                }
                for _ in 1..<min(count, 10) {
                    await clock.waitForSleepers()
                    clock.advance(by: .seconds(1))
                }
                switch try await outcome {
                case .merged(let pull): #expect(pull.mergeCommit == FakePulls.commit("9") && count <= 10)
                case .notReady: #expect(count > 10)
                }
            }
    }

    @Test(arguments: [.azure, .bitbucket] as [GitHosting], [1, 3, 11])
    func `may be merged later than asked`(hosting: GitHosting, count: Int) async throws {
        try await looks(hosting.fake, count)
    }

    @Test func `of Gitea need labels that exist`() async throws {
        try await with(FakeGitea.self) { pulls, provider, _ async throws in
            var request = NewPullRequest(title: "T", description: "", sourceBranch: "feature/x", targetBranch: "main")
            request.labels = ["kargo", "nobody"]
            await #expect(throws: ProviderRefusal.self) { try await provider.createPullRequest(request) }
            #expect(pulls.all.isEmpty)
        }
    }

    @Test func `of Azure DevOps are no page to sign in`() async throws {
        try await with(FakeAzure.self) { pulls, provider, _ async throws in
            let number = pulls.add().number
            pulls.surprise("GET", "/\(number)", 203, "<html>Sign in</html>")
            let failure = await #expect(throws: APIFailure.self) { try await provider.pullRequest(number) }
            #expect(failure?.status == 203)
        }
    }

    @Test func `of Azure DevOps need a token`() async throws {
        let access = HostingAccess(credentials: NoCredentials(), proxies: ProxyRules(environment: [:]))
        let target = HostingAccess.Target(repoURL: "https://dev.azure.com/o/p/_git/r", project: "demo")
        await #expect(throws: ProviderRefusal.self) { try await access.withProvider(for: target) { _ in } }
    }

    @Test(arguments: [
        "https://git.test/a/b", "git@github.com:a/b", "https://github.com/a", "https://github.com/a/b/c", "x",
    ])
    func `are of a service that must be known`(url: String) async throws {
        let access = HostingAccess(credentials: NoCredentials(), proxies: ProxyRules(environment: [:]))
        let target = HostingAccess.Target(repoURL: url, project: "demo")
        await #expect(throws: ProviderRefusal.self) { try await access.withProvider(for: target) { _ in } }
    }
}
