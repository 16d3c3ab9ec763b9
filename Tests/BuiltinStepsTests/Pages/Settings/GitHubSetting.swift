import KargoCore

@testable import BuiltinSteps

extension PageSetting {
    /// A repository of GitHub, `acme/app`, with an open pull request, a merged one, and an issue labelled `bug`.
    static let github = PageSetting(name: "github") { _, body in
        let fake = FakeGitHub.make()
        fake.pulls.add()
        fake.pulls.add { pull in
            pull.state = .merged
            pull.mergeCommit = FakePulls.commit("9")
        }
        fake.issues.change { state in
            state.endsRuns = true
            state.issues[1] = FakeIssues.Issue(number: 1, labels: ["bug"])
        }
        try await StubServer.with(answer: fake.answer) { server in
            var scene = PageScene(vars: ["repoURL": server.url("/\(fake.path)")])
            scene.capabilities.credentials = OneToken(project: scene.promotion.project)
            scene.capabilities.controlPlane = IssueStepTests.ControlPlane()
            scene.promotion.targetFreight.name = "freight"
            try await body(scene)
        }
    }

    /// The same with a real repository behind it, which has one commit on `main`, and without pull requests and issues.
    static let gitHubRepository = PageSetting(name: "github-repository", startsPrograms: true) { _, body in
        try await GitHubServer.with { server async throws in
            var scene = PageScene(vars: ["repoURL": server.url.stringValue ?? ""])
            scene.capabilities = server.capabilities
            try await body(scene)
        }
    }
}
