import KargoCore
import NIOHTTP1

@testable import BuiltinSteps

/// Bitbucket Cloud, as far as steps call it.
struct FakeBitbucket: FakeHosting {
    static let hosting = GitHosting.bitbucket

    let pulls: FakePulls
    let path = "acme/app"

    private static let shortHash = 12

    init(_ pulls: FakePulls) { self.pulls = pulls }

    func respond(_ request: StubServer.Request) -> StubServer.Response {
        guard request.headers.first(name: "authorization") == "Bearer \(FakePulls.token)" else {
            return error("Access token expired.", status: 401)
        }
        let pieces = request.pieces
        let path = pieces.dropFirst(4).map(\.self)
        guard pieces.starts(with: ["2.0", "repositories", "acme", "app"]) else {
            return error("Not found", status: 404)
        }
        if path.count == 2, path[0] == "commit" {
            let hash = FakePulls.commit("9")
            return hash.hasPrefix(path[1]) ? .json(["hash": .string(hash)]) : error("Commit not found", status: 404)
        }
        if path == ["pullrequests"] { return request.method == .POST ? create(request.json) : list(request) }
        guard path.count > 1, path[0] == "pullrequests", let number = Int64(path[1]), let pull = pulls.look(number)
        else {
            return error("Not found", status: 404)
        }
        if path.count == 2 { return .json(json(pull)) }
        guard pull.readiness == .ready else {
            return error("You can't merge until you resolve all conflicts.", status: 409)
        }
        guard let merged = pulls.merge(number, method: request.json["merge_strategy"]?.stringValue) else {
            return error("Not found", status: 404)
        }
        return merged.state == .merged ? .json(json(merged)) : StubServer.Response(status: 202)
    }

    private func error(_ message: String, status: Int) -> StubServer.Response {
        .json(["type": "error", "error": ["message": .string(message)]], status: status)
    }

    private func create(_ body: JSONValue) -> StubServer.Response {
        let text = { (path: JSONValue?) in path?.stringValue ?? "" }
        let pull = pulls.create(
            text(body["title"]),
            text(body["description"]),
            text(body[path: "source", "branch", "name"]),
            text(body[path: "destination", "branch", "name"]),
            []
        )
        return pull.map { .json(json($0), status: 201) } ?? error("There are no changes to be pulled", status: 400)
    }

    /// The conditions of `q` are as the client writes them, and the address of the next page is not to be understood.
    private func list(_ request: StubServer.Request) -> StubServer.Response {
        let query = request.query
        let found = pulls.all.filter { pull in
            let condition = "source.branch.name = \"\(pull.source)\" AND destination.branch.name = \"\(pull.target)\""
            return (query["state"] ?? "OPEN" == "OPEN") == (pull.state == .open)
                && query["q"].map { $0 == condition } ?? true
        }
        let (page, hasNext) = pulls.page(found, request, size: "pagelen", fallback: 10)
        var body: [String: JSONValue] = ["values": .array(page.map(json))]
        if hasNext {
            let next = "page=\((Int(query["page"] ?? "1") ?? 1) + 1)"
            let kept = request.uri.split(separator: "&").filter { !$0.hasPrefix("page=") }.joined(separator: "&")
            body["next"] = .string("http://\(request.headers.first(name: "host") ?? "")\(kept)&\(next)")
        }
        return .json(.object(body))
    }

    private func json(_ pull: FakePulls.Pull) -> JSONValue {
        let state =
            switch pull.state {
            case .open: "OPEN"
            case .closed: "DECLINED"
            case .merged: "MERGED"
            }
        return [
            "id": .int(pull.number), "state": .string(state), "created_on": .string(pull.createdAt),
            "draft": .bool(pull.readiness == .draft),
            "links": ["html": ["href": .string("https://bitbucket.test/acme/app/pull-requests/\(pull.number)")]],
            "source": [
                "branch": ["name": .string(pull.source)],
                "commit": ["hash": .string(String(pull.head.prefix(Self.shortHash)))],
                "repository": ["uuid": pull.isOfFork ? "{2}" : "{1}"],
            ],
            "destination": ["branch": ["name": .string(pull.target)], "repository": ["uuid": "{1}"]],
            "merge_commit": pull.mergeCommit.map { ["hash": .string(String($0.prefix(Self.shortHash)))] } ?? .null,
        ]
    }
}
