import KargoCore
import Testing

@testable import BuiltinSteps

@Suite("git-wait-for-pr and git-merge-pr")
struct PullRequestStepTests {
    @Test(
        arguments: [
            (.open, .running, nil), (.merged, .succeeded, FakePulls.commit("9")), (.closed, .failed, nil),
        ] as [(FakePulls.Pull.State, StepStatus, String?)]
    )
    func `wait by the state`(state: FakePulls.Pull.State, status: StepStatus, commit: String?) async throws {
        try await HostingBench<FakeGitHub>
            .with { hosting async throws in
                hosting.fake.pulls.add { pull in
                    pull.state = state
                    if state == .merged { pull.mergeCommit = FakePulls.commit("9") }
                }
                let result = try await hosting.run("git-wait-for-pr", ["prNumber": 1])
                #expect(result.status == status)
                #expect(result.retryAfter == (status == .running ? .seconds(30) : nil))
                var output: [String: JSONValue] = [
                    "pr": [
                        "id": 1, "url": "https://github.test/acme/app/pull/1", "open": .bool(state == .open),
                        "merged": .bool(state == .merged),
                    ]
                ]
                output["commit"] = commit.map(JSONValue.string)
                #expect(result.output == output)
                if status == .failed { #expect(result.failure == .terminal(result.message)) }
            }
    }

    @Test func `wait as long as they are told`() async throws {
        try await HostingBench<FakeGitLab>
            .with { hosting async throws in
                hosting.fake.pulls.add()
                let result = try await hosting.run("git-wait-for-pr", ["prNumber": 1, "pollInterval": "2m"])
                #expect(result.retryAfter == .seconds(120))
            }
    }

    @Test func `look later, and keep what they know, after too many calls`() async throws {
        try await HostingBench<FakeGitHub>
            .with { hosting async throws in
                hosting.fake.pulls.add()
                hosting.fake.pulls.surprise(
                    "GET",
                    "/1",
                    403,
                    "{\"message\": \"secondary rate limit\"}",
                    [("retry-after", "90")]
                )
                let result = try await hosting.run("git-wait-for-pr", ["prNumber": 1], output: ["pr": ["id": 1]])
                #expect(result.status == .running)
                #expect(result.retryAfter == .seconds(90))
                #expect(result.output == ["pr": ["id": 1]])
                #expect(result.message.contains("secondary rate limit"))
            }
    }

    @Test(arguments: [(404, "Not Found"), (500, "Server Error"), (401, "Bad credentials")])
    func `try again to see what can't be seen`(status: Int, message: String) async throws {
        try await HostingBench<FakeGitHub>
            .with { hosting async throws in
                hosting.fake.pulls.surprise("GET", "/1", status, "{\"message\": \"\(message)\"}")
                let result = try await hosting.run("git-wait-for-pr", ["prNumber": 1])
                #expect(result.status == .errored)
                guard case .retryable(let text) = result.failure else {
                    Issue.record("\(result)")
                    return
                }
                #expect(text.contains(message) && !text.contains(FakePulls.token))
            }
    }

    @Test(
        arguments: [
            (.ready, false, .succeeded), (.ready, true, .succeeded), (.draft, false, .failed), (.draft, true, .running),
            (.unknown, true, .running), (.blocked, false, .failed), (.blocked, true, .running),
            (.conflict, true, .failed),
        ] as [(FakePulls.Readiness, Bool, StepStatus)]
    )
    func `merge what is ready`(readiness: FakePulls.Readiness, wait: Bool, status: StepStatus) async throws {
        try await HostingBench<FakeGitHub>
            .with { hosting async throws in
                hosting.fake.pulls.add { $0.readiness = readiness }
                let result = try await hosting.run("git-merge-pr", ["prNumber": 1, "wait": .bool(wait)])
                #expect(result.status == status)
                #expect(result.retryAfter == (status == .running ? .seconds(10) : nil))
                #expect(result.output == (status == .succeeded ? ["commit": .string(FakePulls.commit("9"))] : nil))
                if status == .failed { #expect(result.failure == .terminal(result.message)) }
            }
    }

    @Test(
        arguments: [
            (404, false, .failed), (404, true, .failed), (500, false, .errored), (429, false, .errored),
            (429, true, .running),
        ] as [(Int, Bool, StepStatus)]
    )
    func `do not merge what the service refuses`(status: Int, wait: Bool, expected: StepStatus) async throws {
        try await HostingBench<FakeGitHub>
            .with { hosting async throws in
                hosting.fake.pulls.add()
                hosting.fake.pulls.surprise("GET", "/1", status, "{}")
                let result = try await hosting.run("git-merge-pr", ["prNumber": 1, "wait": .bool(wait)])
                #expect(result.status == expected)
                #expect(hosting.fake.pulls[1]?.state == .open)
            }
    }

    @Test(
        arguments: [
            ("git-wait-for-pr", ["prNumber": 1], "repoURL is required"),
            ("git-wait-for-pr", ["repoURL": "https://github.com/a/b"], "prNumber is required"),
            ("git-wait-for-pr", ["repoURL": "git@github.com:a/b", "prNumber": 1], "repoURL: Does not match pattern"),
            (
                "git-merge-pr", ["repoURL": "https://h/a/b", "prNumber": 0],
                "prNumber: Must be greater than or equal to 1"
            ),
            ("git-merge-pr", ["repoURL": "https://h/a/b", "prNumber": "1"], "prNumber: Invalid type"),
            (
                "git-merge-pr", ["repoURL": "https://h/a/b", "prNumber": 1, "provider": "svn"],
                "provider must be one of"
            ),
            (
                "git-merge-pr", ["repoURL": "https://h/a/b", "prNumber": 1, "mergeMethod": ""],
                "mergeMethod: String length"
            ),
            (
                "git-merge-pr", ["repoURL": "https://h/a/b", "prNumber": 1, "pollInterval": "x10s"],
                "pollInterval: Does not"
            ),
            ("git-wait-for-pr", ["repoURL": "https://h/a/b", "prNumber": 1, "x": 1], "Additional property x"),
        ] as [(String, JSONValue, String)]
    )
    func `check their configuration`(kind: String, config: JSONValue, problem: String) async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run(kind, config)
            #expect(result.status == .failed)
            #expect(result.failure == .terminal(result.message))
            #expect(result.message.contains(problem))
        }
    }

    @Test func `need to know the service`() async throws {
        try await StepBench.with { bench async throws in
            let result = try await bench.run("git-wait-for-pr", ["repoURL": "https://git.test/a/b", "prNumber": 1])
            #expect(result.status == .errored)
            #expect(result.message.contains("set provider to one of azure, bitbucket, gitea, github, gitlab"))
        }
    }
}
