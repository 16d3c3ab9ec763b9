import KargoCore
import Synchronization
import Testing

@testable import BuiltinSteps

@Suite("Steps for issues of GitHub")
struct IssueStepTests {
    /// Remembers what is written to it.
    final class ControlPlane: ControlPlaneAccess {
        struct Entry: Sendable, Hashable {
            var values: [String: JSONValue]
            var target: MetadataTarget
            var project: String
        }

        private let entries = Mutex<[Entry]>([])
        private let failures: Mutex<Int>

        init(failures: Int = 0) { self.failures = Mutex(failures) }

        var written: [Entry] { entries.withLock { $0 } }

        func setMetadata(_ values: [String: JSONValue], of target: MetadataTarget, project: String) async throws {
            let fails = failures.withLock { count in
                defer { count = max(0, count - 1) }
                return count > 0
            }
            if fails { throw ControlPlaneFailure("conflict") }
            entries.withLock { $0.append(Entry(values: values, target: target, project: project)) }
        }

        func warehouse(_ name: String, project: String) async throws -> Warehouse? { nil }
        func setFreightAlias(_ alias: String, of freight: String, project: String) async throws -> String { "" }
        func recordEvent(_ event: Event) async throws {}
    }

    private func with(_ body: (HostingBench<FakeGitHub>) async throws -> Void) async throws {
        try await HostingBench<FakeGitHub>.with(body)
    }

    private func add(_ hosting: HostingBench<FakeGitHub>, _ change: (inout FakeIssues.Issue) -> Void = { _ in }) {
        hosting.fake.issues.change { state in
            var issue = FakeIssues.Issue(number: Int64(state.issues.count + 1))
            change(&issue)
            state.issues[issue.number] = issue
        }
    }

    private func issue(_ hosting: HostingBench<FakeGitHub>, _ number: Int64 = 1) -> FakeIssues.Issue? {
        hosting.fake.issues.snapshot.issues[number]
    }

    // MARK: gh-create-issue

    @Test(arguments: [nil, "change-request"])
    func `create an issue and keep its number`(alias: String?) async throws {
        try await with { hosting async throws in
            let controlPlane = ControlPlane()
            var config: [String: JSONValue] = [
                "title": "T", "body": "ü", "labels": ["bug", "env/a b"], "assignees": ["me"],
            ]
            config["issueAlias"] = alias.map(JSONValue.string)
            let result = try await hosting.run("gh-create-issue", config, controlPlane: controlPlane)
            let output: [String: JSONValue] = ["number": 1, "url": "https://github.test/acme/app/issues/1"]
            #expect(result == .succeeded(output: output))
            let made = try #require(issue(hosting))
            #expect(
                made.title == "T" && made.body == "ü" && made.labels == ["bug", "env/a b"] && made.assignees == ["me"]
            )
            let entry = ControlPlane.Entry(
                values: [alias ?? "github-issue-number": 1],
                target: .freight("f-1"),
                project: "demo"
            )
            #expect(controlPlane.written == [entry])
        }
    }

    @Test func `create an issue only once, even if its number can't be kept`() async throws {
        try await with { hosting async throws in
            let controlPlane = ControlPlane(failures: 1)
            let first = try await hosting.run("gh-create-issue", ["title": "T"], controlPlane: controlPlane)
            #expect(first.status == .errored)
            let output = try #require(first.output)
            #expect(output["number"] == 1)
            let second = try await hosting.run(
                "gh-create-issue",
                ["title": "T"],
                output: .object(output),
                controlPlane: controlPlane
            )
            #expect(second == .succeeded(output: output))
            #expect(hosting.fake.issues.snapshot.issues.count == 1)
            #expect(controlPlane.written.count == 1)
        }
    }

    @Test func `create nothing without a place for the number`() async throws {
        try await with { hosting async throws in
            let result = try await hosting.run("gh-create-issue", ["title": "T"])
            #expect(result.status == .errored)
            #expect(result.failure == .terminal(result.message))
            #expect(result.message.contains("access to the control plane can't be had here"))
            #expect(hosting.server.requests.isEmpty)
        }
    }

    @Test func `create nothing with a label that is missing`() async throws {
        try await with { hosting async throws in
            let config: [String: JSONValue] = ["title": "T", "labels": ["bug", "nobody"]]
            let result = try await hosting.run("gh-create-issue", config, controlPlane: ControlPlane())
            #expect(result == .failed("error creating issue: the repository has no label \"nobody\""))
            #expect(issue(hosting) == nil)
        }
    }

    // MARK: gh-update-issue

    @Test(
        arguments: [
            (["bug"], nil, ["old", "Keep", "bug"]), (["OLD"], nil, ["old", "Keep"]), (nil, ["OLD"], ["Keep"]),
            (nil, ["*"], []), (["bug"], ["*"], ["bug"]), (["bug"], ["bug", "old"], ["Keep", "bug"]),
            ([], [], ["old", "Keep"]),
        ] as [([String]?, [String]?, [String])]
    )
    func `change labels`(added: [String]?, removed: [String]?, expected: [String]) async throws {
        try await with { hosting async throws in
            hosting.fake.issues.change { $0.labels.formUnion(["OLD"]) }
            add(hosting) { $0.labels = ["old", "Keep"] }
            var config: [String: JSONValue] = ["issueNumber": 1]
            config["addLabels"] = added.map { .array($0.map(JSONValue.string)) }
            config["removeLabels"] = removed.map { .array($0.map(JSONValue.string)) }
            #expect(try await hosting.run("gh-update-issue", config) == .succeeded())
            #expect(issue(hosting)?.labels == expected)
        }
    }

    @Test func `change the rest, and nothing else`() async throws {
        try await with { hosting async throws in
            add(hosting) { issue in
                issue.body = "b"
                issue.labels = ["bug"]
                issue.assignees = ["me"]
            }
            #expect(try await hosting.run("gh-update-issue", ["issueNumber": 1, "state": "closed"]) == .succeeded())
            #expect(
                issue(hosting)?.state == "closed" && issue(hosting)?.body == "b" && issue(hosting)?.labels == ["bug"]
            )
            let config: [String: JSONValue] = ["issueNumber": 1, "title": "N", "body": "", "assignees": []]
            #expect(try await hosting.run("gh-update-issue", config) == .succeeded())
            #expect(issue(hosting)?.title == "N" && issue(hosting)?.body == "" && issue(hosting)?.assignees == [])
            #expect(issue(hosting)?.state == "closed")
        }
    }

    // MARK: gh-search-issues

    @Test func `find an issue by its number`() async throws {
        try await with { hosting async throws in
            add(hosting) { issue in
                issue.labels = ["bug"]
                issue.assignees = ["me", "you"]
            }
            let result = try await hosting.run("gh-search-issues", ["issueNumber": 1])
            let expected: JSONValue = [
                "number": 1, "title": "t", "body": "", "state": "open", "labels": ["bug"], "assignees": ["me", "you"],
                "url": "https://github.test/acme/app/issues/1",
            ]
            #expect(result == .succeeded(output: ["issues": [expected]]))
        }
    }

    @Test func `find no more than 30 issues by a query`() async throws {
        try await with { hosting async throws in
            for index in 0..<40 { add(hosting) { $0.labels = [index == 0 ? "bug" : "release"] } }
            let result = try await hosting.run("gh-search-issues", ["query": "is:open label:release"])
            #expect(result.output?["issues"]?.arrayValue?.count == 30)
            let none = try await hosting.run("gh-search-issues", ["query": "label:none"])
            #expect(none == .succeeded(output: ["issues": []]))
        }
    }

    @Test(arguments: ["repo:a/b", "is:open (REPO:a/b OR x)", "-org:a", "user:me"])
    func `look into no other repository`(query: String) async throws {
        try await with { hosting async throws in
            let result = try await hosting.run("gh-search-issues", ["query": .string(query)])
            #expect(result.failure == .terminal(result.message))
            #expect(hosting.server.requests.isEmpty)
        }
    }

    // MARK: Comments

    @Test func `add, change and delete comments`() async throws {
        try await with { hosting async throws in
            add(hosting)
            let made = try await hosting.run("gh-issue-add-comment", ["issueNumber": 1, "body": "a"])
            #expect(made.output?["url"] == "https://github.test/acme/app/issues/1#issuecomment-1000")
            let id = try #require(made.output?["commentID"])
            let changed = try await hosting.run("gh-issue-update-comment", ["commentID": id, "body": "ü"])
            #expect(changed == made)
            #expect(hosting.fake.issues.snapshot.comments == [1000: "ü"])
            #expect(try await hosting.run("gh-issue-delete-comment", ["commentID": id]) == .succeeded())
            #expect(hosting.fake.issues.snapshot.comments.isEmpty)
            let again = try await hosting.run("gh-issue-delete-comment", ["commentID": id])
            #expect(again.status == .failed)
        }
    }

    // MARK: gh-wait-for-issue-state

    @Test(
        arguments: [
            ("issue.state == 'closed'", nil, .running), ("issue.state == 'open'", nil, .succeeded),
            ("'bug' in issue.labels && issue.number == 1", "", .succeeded), ("true", "issue.title == 't'", .failed),
            ("true", "false", .succeeded), ("len(issue.assignees) > 1", "issue.body != ''", .running),
        ] as [(String, String?, StepStatus)]
    )
    func `wait for what an expression says`(success: String, failure: String?, status: StepStatus) async throws {
        try await with { hosting async throws in
            add(hosting) { $0.labels = ["bug"] }
            var config: [String: JSONValue] = ["issueNumber": 1, "successExpression": .string(success)]
            config["failureExpression"] = failure.map(JSONValue.string)
            let result = try await hosting.run("gh-wait-for-issue-state", config)
            #expect(result.status == status)
            #expect(result.retryAfter == (status == .running ? .seconds(30) : nil))
            if status == .failed { #expect(result.failure == .terminal(result.message)) }
        }
    }

    @Test(arguments: [("issue.", true), ("issue.number", false), ("nothing.x", false)])
    func `tell expressions that never work from those that may`(expression: String, isFinal: Bool) async throws {
        try await with { hosting async throws in
            add(hosting)
            let config: [String: JSONValue] = ["issueNumber": 1, "successExpression": .string(expression)]
            let result = try await hosting.run("gh-wait-for-issue-state", config)
            #expect(result.status == .errored)
            #expect(result.failure == (isFinal ? .terminal(result.message) : .retryable(result.message)))
        }
    }

    // MARK: All

    @Test(
        arguments: [
            ("gh-create-issue", ["title": ""], "title: String length must be greater"),
            (
                "gh-create-issue", ["title": "t", "assignees": .array(Array(repeating: "a", count: 11))],
                "at most 10 items"
            ),
            ("gh-update-issue", ["issueNumber": 1], "Must validate at least one schema (anyOf)"),
            ("gh-update-issue", ["issueNumber": 1, "state": "shut"], "state must be one of"),
            ("gh-search-issues", [:], "Must validate one and only one schema (oneOf)"),
            ("gh-search-issues", ["issueNumber": 1, "query": "a"], "Must validate one and only one schema (oneOf)"),
            ("gh-issue-add-comment", ["issueNumber": 1, "body": ""], "body: String length"),
            ("gh-issue-update-comment", ["body": "b"], "commentID is required"),
            ("gh-issue-delete-comment", ["commentID": 1.5], "commentID: Invalid type"),
            ("gh-wait-for-issue-state", ["issueNumber": 1, "label": "x"], "successExpression is required"),
        ] as [(String, [String: JSONValue], String)]
    )
    func `check their configuration`(kind: String, config: [String: JSONValue], problem: String) async throws {
        try await StepBench.with { bench async throws in
            let config = config.merging(["repoURL": "https://github.com/a/b"]) { $1 }
            let result = try await bench.run(kind, .object(config))
            #expect(result.status == .failed)
            #expect(result.message.contains(problem))
        }
    }

    @Test(
        arguments: [
            (404, .failed), (410, .failed), (422, .failed), (401, .failed), (429, .errored), (500, .errored),
        ] as [(Int, StepStatus)]
    )
    func `give up on what GitHub refuses`(status: Int, expected: StepStatus) async throws {
        try await with { hosting async throws in
            add(hosting)
            hosting.fake.pulls.surprise("POST", "/comments", status, "{\"message\": \"no\"}")
            let result = try await hosting.run("gh-issue-add-comment", ["issueNumber": 1, "body": "b"])
            #expect(result.status == expected)
            #expect(result.failure == (expected == .failed ? .terminal(result.message) : .retryable(result.message)))
            #expect(hosting.fake.issues.snapshot.comments.isEmpty)
        }
    }
}
