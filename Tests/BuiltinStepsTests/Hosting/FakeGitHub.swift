import KargoCore
import NIOHTTP1
import Synchronization

@testable import BuiltinSteps

/// GitHub, as far as steps call it: pull requests here, the rest in extensions.
struct FakeGitHub: FakeHosting {
    static let hosting = GitHosting.github

    let pulls: FakePulls
    let issues = FakeIssues()
    let path = "acme/app"

    init(_ pulls: FakePulls) { self.pulls = pulls }

    func respond(_ request: StubServer.Request) -> StubServer.Response {
        guard request.headers.first(name: "authorization") == "Bearer \(FakePulls.token)" else {
            return .message("Bad credentials", status: 401)
        }
        let pieces = request.pieces
        if pieces == ["api", "v3", "search", "issues"] { return issues.search(request) }
        guard pieces.starts(with: ["api", "v3", "repos", "acme", "app"]) else {
            return .message("Not Found", status: 404)
        }
        let rest = Array(pieces.dropFirst(5))
        return respondToPulls(request, rest) ?? issues.respond(request, rest) ?? .message("Not Found", status: 404)
    }

    private func respondToPulls(_ request: StubServer.Request, _ path: [String]) -> StubServer.Response? {
        guard path.first == "pulls" else {
            if path.count == 3, path[0] == "issues", path[2] == "labels", let number = Int64(path[1]),
                pulls[number] != nil
            {
                let labels = request.json["labels"]?.arrayValue?.compactMap(\.stringValue) ?? []
                pulls.change(number) { $0.labels += labels }
                return .json([])
            }
            return nil
        }
        if path.count == 1 { return request.method == .POST ? create(request.json) : list(request) }
        guard let number = Int64(path[1]), let pull = pulls.look(number) else { return nil }
        if path.count == 2 { return .json(json(pull)) }
        guard path.count == 3, path[2] == "merge", request.method == .PUT else { return nil }
        switch pull.readiness {
        case .ready: break
        case .blocked: return .message("At least 1 approving review is required by reviewers.", status: 405)
        default: return .message("Pull Request is not mergeable", status: 405)
        }
        let merged = pulls.merge(number, method: request.json["merge_method"]?.stringValue)
        return .json(["sha": .string(merged?.mergeCommit ?? ""), "merged": true])
    }

    private func create(_ body: JSONValue) -> StubServer.Response {
        let text = { (name: String) in body[name]?.stringValue ?? "" }
        guard body["maintainer_can_modify"] == false,
            let pull = pulls.create(text("title"), text("body"), text("head"), text("base"), [])
        else {
            let problem: JSONValue = ["message": .string("A pull request already exists for acme:\(text("head")).")]
            return .json(["message": "Validation Failed", "errors": [problem]], status: 422)
        }
        return .json(json(pull), status: 201)
    }

    /// A `head` without its owner is passed over, as by GitHub.
    private func list(_ request: StubServer.Request) -> StubServer.Response {
        let query = request.query
        let found = pulls.all.filter { pull in
            (query["state"] == "all" || (pull.state == .open) == (query["state"] ?? "open" == "open"))
                && query["base"].map { $0 == pull.target } ?? true
                && query["head"].map { !$0.contains(":") || $0.hasSuffix(":" + pull.source) } ?? true
        }
        let (page, hasNext) = pulls.page(found, request, size: "per_page", fallback: 30)
        return .page(page.map(json), hasNext: hasNext, of: request)
    }

    func json(_ pull: FakePulls.Pull) -> JSONValue {
        let state =
            switch pull.readiness {
            case .ready: "clean"
            case .draft: "draft"
            case .unknown: "unknown"
            case .conflict: "dirty"
            case .blocked: "blocked"
            }
        return [
            "number": .int(pull.number), "html_url": .string("https://github.test/acme/app/pull/\(pull.number)"),
            "state": pull.state == .open ? "open" : "closed",
            "merged_at": pull.state == .merged ? "2026-01-02T00:00:00Z" : .null,
            // A trial of GitHub's own while it is open.
            "merge_commit_sha": .string(pull.mergeCommit ?? FakePulls.commit("7")),
            "created_at": .string(pull.createdAt), "draft": .bool(pull.readiness == .draft),
            "mergeable": pull.readiness == .unknown ? .null : .bool(pull.readiness == .ready),
            "mergeable_state": .string(state),
            "head": ["ref": .string(pull.source), "sha": .string(pull.head), "repo": ["id": pull.isOfFork ? 2 : 1]],
            "base": ["ref": .string(pull.target), "sha": .string(FakePulls.commit("0")), "repo": ["id": 1]],
        ]
    }
}

/// Issues, comments and workflows of the fake.
final class FakeIssues: Sendable {
    struct Issue: Sendable {
        var number: Int64
        var title = "t"
        var body: String?
        var state = "open"
        var labels: [String] = []
        var assignees: [String] = []
    }

    struct State: Sendable {
        var issues: [Int64: Issue] = [:]
        var comments: [Int64: String] = [:]
        var labels: Set<String> = ["bug", "release", "env/a b"]
        var runs: [(id: Int64, branch: String, status: String, conclusion: String?)] = []
        var inputs: [JSONValue] = []
        /// Whether the server knows `return_run_details`.
        var namesRuns = true
        /// Whether runs end, well, when they are looked at.
        var endsRuns = false
        /// How many lists of runs come before a new run shows.
        var hiddenLists = 0
    }

    private let state = Mutex(State())

    /// What there is now.
    var snapshot: State { state.withLock { $0 } }

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func respond(_ request: StubServer.Request, _ path: [String]) -> StubServer.Response? {
        switch path.first {
        case "labels" where path.count == 2:
            state.withLock { $0.labels.contains(path[1]) } ? .json(["name": .string(path[1])]) : nil
        case "issues": respondToIssues(request, Array(path.dropFirst()))
        case "actions": respondToActions(request, Array(path.dropFirst()))
        default: nil
        }
    }

    private func respondToIssues(_ request: StubServer.Request, _ path: [String]) -> StubServer.Response? {
        if path.first == "comments", path.count == 2, let id = Int64(path[1]) { return respondToComment(request, id) }
        return state.withLock { state -> StubServer.Response? in
            if path.isEmpty {
                var issue = Issue(number: Int64(state.issues.count + 1))
                apply(request.json, to: &issue)
                state.issues[issue.number] = issue
                return .json(json(issue), status: 201)
            }
            guard let number = Int64(path[0]), var issue = state.issues[number] else { return nil }
            if path.count == 2, path[1] == "comments" {
                let id = Int64(1000 + state.comments.count)
                state.comments[id] = request.json["body"]?.stringValue
                return .json(comment(id), status: 201)
            }
            if request.method == .PATCH {
                apply(request.json, to: &issue)
                state.issues[number] = issue
            }
            return .json(json(issue))
        }
    }

    private func respondToComment(_ request: StubServer.Request, _ id: Int64) -> StubServer.Response? {
        state.withLock { state in
            guard state.comments[id] != nil else { return nil }
            if request.method == .DELETE {
                state.comments[id] = nil
                return StubServer.Response(status: 204)
            }
            state.comments[id] = request.json["body"]?.stringValue
            return .json(comment(id))
        }
    }

    private func comment(_ id: Int64) -> JSONValue {
        ["id": .int(id), "html_url": .string("https://github.test/acme/app/issues/1#issuecomment-\(id)")]
    }

    private func respondToActions(_ request: StubServer.Request, _ path: [String]) -> StubServer.Response? {
        state.withLock { state in
            switch path.first {
            case "runs" where path.count == 2: look(path[1], &state)
            case "workflows" where path == ["workflows", "deploy.yaml", "dispatches"]:
                dispatch(request.json, &state)
            case "workflows" where path == ["workflows", "deploy.yaml", "runs"]: list(&state)
            default: nil
            }
        }
    }

    private func dispatch(_ body: JSONValue, _ state: inout State) -> StubServer.Response {
        if body["return_run_details"] != nil, !state.namesRuns {
            return .message("Invalid request.\n\n\"return_run_details\" is not a permitted key.", status: 422)
        }
        state.inputs.append(body["inputs"] ?? .null)
        let id = (state.runs.map(\.id).max() ?? 100) + 1
        state.runs.append((id, body["ref"]?.stringValue ?? "", "queued", nil))
        return state.namesRuns ? .json(["workflow_run_id": .int(id)]) : StubServer.Response(status: 204)
    }

    private func look(_ id: String, _ state: inout State) -> StubServer.Response? {
        guard let index = state.runs.firstIndex(where: { "\($0.id)" == id }) else { return nil }
        if state.endsRuns {
            state.runs[index].status = "completed"
            state.runs[index].conclusion = "success"
        }
        return .json(run(state.runs[index]))
    }

    private func list(_ state: inout State) -> StubServer.Response {
        var runs = state.runs
        if !state.inputs.isEmpty, state.hiddenLists > 0 {
            state.hiddenLists -= 1
            runs.removeLast()
        }
        return .json(["total_count": .int(Int64(runs.count)), "workflow_runs": .array(runs.reversed().map(run))])
    }

    private func run(_ run: (id: Int64, branch: String, status: String, conclusion: String?)) -> JSONValue {
        [
            "id": .int(run.id), "html_url": .string("https://github.test/run/\(run.id)"), "status": .string(run.status),
            "conclusion": run.conclusion.map(JSONValue.string) ?? .null, "head_branch": .string(run.branch),
        ]
    }

    func search(_ request: StubServer.Request) -> StubServer.Response {
        let words = (request.query["q"] ?? "").split(separator: " ").map(String.init)
        guard words.first == "repo:acme/app" else { return .message("Validation Failed", status: 422) }
        let found = state.withLock { $0.issues.values.sorted { $0.number < $1.number } }
            .filter { issue in words.contains { $0 == "label:\(issue.labels.first ?? "")" } }
        let size = request.query["per_page"].flatMap { Int($0) } ?? 30
        return .json(["total_count": .int(Int64(found.count)), "items": .array(found.prefix(size).map(json))])
    }

    private func apply(_ body: JSONValue, to issue: inout Issue) {
        if let title = body["title"]?.stringValue { issue.title = title }
        if let text = body["body"]?.stringValue { issue.body = text }
        if let state = body["state"]?.stringValue { issue.state = state }
        if let labels = body["labels"]?.arrayValue { issue.labels = labels.compactMap(\.stringValue) }
        if let users = body["assignees"]?.arrayValue { issue.assignees = users.compactMap(\.stringValue) }
    }

    private func json(_ issue: Issue) -> JSONValue {
        [
            "number": .int(issue.number), "title": .string(issue.title), "state": .string(issue.state),
            "body": issue.body.map(JSONValue.string) ?? .null,
            "labels": .array(issue.labels.map { ["name": .string($0)] }),
            "assignees": .array(issue.assignees.map { ["login": .string($0)] }),
            "html_url": .string("https://github.test/acme/app/issues/\(issue.number)"),
        ]
    }
}
