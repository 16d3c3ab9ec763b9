import KargoCore
import NIOHTTP1

@testable import BuiltinSteps

/// GitLab, as far as steps call it.
struct FakeGitLab: FakeHosting {
    static let hosting = GitHosting.gitlab

    let pulls: FakePulls
    let path = "acme/team/app"

    init(_ pulls: FakePulls) { self.pulls = pulls }

    func respond(_ request: StubServer.Request) -> StubServer.Response {
        guard request.headers.first(name: "private-token") == FakePulls.token else {
            return .message("401 Unauthorized", status: 401)
        }
        // The path of the project is one piece, encoded.
        guard request.path.hasPrefix("/api/v4/projects/acme%2Fteam%2Fapp/merge_requests") else {
            return .message("404 Project Not Found", status: 404)
        }
        let path = request.pieces.dropFirst(5).map(\.self)
        if path.isEmpty { return request.method == .POST ? create(request.json) : list(request) }
        guard let number = Int64(path[0]), let pull = pulls.look(number) else {
            return .message("404 Not found", status: 404)
        }
        if path.count == 1 { return .json(json(pull)) }
        guard path == ["\(number)", "merge"], request.method == .PUT else {
            return .message("404 Not found", status: 404)
        }
        guard pull.readiness == .ready else { return .message("405 Method Not Allowed", status: 405) }
        let squash = request.json["squash"]?.boolValue.map { "squash \($0)" }
        return .json(pulls.merge(number, method: squash).map(json) ?? .null)
    }

    private func create(_ body: JSONValue) -> StubServer.Response {
        let text = { (name: String) in body[name]?.stringValue ?? "" }
        let labels = text("labels").split(separator: ",").map(String.init)
        let (source, target) = (text("source_branch"), text("target_branch"))
        guard let pull = pulls.create(text("title"), text("description"), source, target, labels) else {
            let problem = "Another open merge request already exists for this source branch: !1"
            return .json(["message": [.string(problem)]], status: 409)
        }
        return .json(json(pull), status: 201)
    }

    private func list(_ request: StubServer.Request) -> StubServer.Response {
        let query = request.query
        let found = pulls.all.filter { pull in
            query["source_branch"].map { $0 == pull.source } ?? true
                && query["target_branch"].map { $0 == pull.target } ?? true
        }
        let (page, hasNext) = pulls.page(found, request, size: "per_page", fallback: 20)
        return .page(page.map(json), hasNext: hasNext, of: request)
    }

    private func json(_ pull: FakePulls.Pull) -> JSONValue {
        let state =
            switch pull.state {
            case .open: "opened"
            case .closed: "closed"
            case .merged: "merged"
            }
        let status =
            switch pull.readiness {
            case .ready: "mergeable"
            case .draft: "draft_status"
            case .unknown: "checking"
            case .conflict: "conflict"
            case .blocked: "not_approved"
            }
        return [
            "iid": .int(pull.number),
            "web_url": .string("https://gitlab.test/acme/team/app/-/merge_requests/\(pull.number)"),
            "state": .string(state), "sha": .string(pull.head), "source_branch": .string(pull.source),
            "target_branch": .string(pull.target), "created_at": .string(pull.createdAt),
            "merge_commit_sha": pull.mergeCommit.map(JSONValue.string) ?? .null, "squash_commit_sha": .null,
            "draft": .bool(pull.readiness == .draft), "detailed_merge_status": .string(status),
        ]
    }
}
