import KargoCore
import NIOHTTP1

@testable import BuiltinSteps

/// Gitea, as far as steps call it.
struct FakeGitea: FakeHosting {
    static let hosting = GitHosting.gitea

    let pulls: FakePulls
    let path = "acme/app"

    private static let labels = ["kargo", "release"]

    init(_ pulls: FakePulls) { self.pulls = pulls }

    func respond(_ request: StubServer.Request) -> StubServer.Response {
        guard request.headers.first(name: "authorization") == "token \(FakePulls.token)" else {
            return .message("invalid username, password or token", status: 401)
        }
        let pieces = request.pieces
        let path = pieces.dropFirst(5).map(\.self)
        guard pieces.starts(with: ["api", "v1", "repos", "acme", "app"]) else {
            return .message("not found", status: 404)
        }
        if path == ["labels"] { return labels(request) }
        if path == ["pulls"] { return request.method == .POST ? create(request.json) : list(request) }
        guard path.count > 1, path[0] == "pulls", let number = Int64(path[1]), let pull = pulls.look(number) else {
            return .message("not found", status: 404)
        }
        if path.count == 2 { return .json(json(pull)) }
        guard pull.readiness == .ready, let method = request.json["Do"]?.stringValue else {
            return .message("Please try again later", status: 405)
        }
        _ = pulls.merge(number, method: method)
        return StubServer.Response(status: 200)
    }

    private func labels(_ request: StubServer.Request) -> StubServer.Response {
        let all = Self.labels.enumerated()
            .map { ["id": .int(Int64($0.offset + 1)), "name": .string($0.element)] as JSONValue }
        let (page, hasNext) = pulls.page(all, request, size: "limit", fallback: 30)
        return .page(page, hasNext: hasNext, of: request)
    }

    private func create(_ body: JSONValue) -> StubServer.Response {
        let text = { (name: String) in body[name]?.stringValue ?? "" }
        let labels = (body["labels"]?.arrayValue ?? []).compactMap { $0.intValue.map { Self.labels[Int($0) - 1] } }
        guard let pull = pulls.create(text("title"), text("body"), text("head"), text("base"), labels) else {
            return .message("pull request already exists for these targets", status: 409)
        }
        return .json(json(pull), status: 201)
    }

    /// There are no filters for branches.
    private func list(_ request: StubServer.Request) -> StubServer.Response {
        let state = request.query["state"] ?? "open"
        let found = pulls.all.filter { state == "all" || ($0.state == .open) == (state == "open") }
        let (page, hasNext) = pulls.page(found, request, size: "limit", fallback: 30)
        return .page(page.map(json), hasNext: hasNext, of: request)
    }

    private func json(_ pull: FakePulls.Pull) -> JSONValue {
        [
            "number": .int(pull.number), "html_url": .string("https://gitea.test/acme/app/pulls/\(pull.number)"),
            "state": pull.state == .open ? "open" : "closed", "merged": .bool(pull.state == .merged),
            "merge_commit_sha": pull.mergeCommit.map(JSONValue.string) ?? .null, "created_at": .string(pull.createdAt),
            "draft": .bool(pull.readiness == .draft), "mergeable": .bool(pull.readiness == .ready),
            "head": ["ref": .string(pull.source), "sha": .string(pull.head), "repo_id": pull.isOfFork ? 2 : 1],
            "base": ["ref": .string(pull.target), "sha": .string(FakePulls.commit("0")), "repo_id": 1],
        ]
    }
}
